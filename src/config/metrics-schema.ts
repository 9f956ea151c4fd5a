// What patchbay.yaml may say of GET /metrics.
import { z } from 'zod'
import { compact } from '../canonical/compact.ts'
import type { MetricsConfig } from './schema.ts'
import { asNumber, flag, optional } from './values.ts'

const metricsEntry = z.strictObject({
  enabled: optional(flag).describe(
    'false: nothing is counted, and there is no page. Default: true.',
  ),
  public: optional(flag).describe(
    'true: whoever reaches the server may read them, without the admin token. They name providers and models. Default: false.',
  ),
  max_models: optional(z.preprocess(asNumber, z.int().positive())).describe(
    'Models with series of their own; all beyond are counted as other. Default: 200.',
  ),
})

export const metrics: z.ZodType<MetricsConfig> = metricsEntry.transform(
  ({ enabled, public: isPublic, max_models: maxModels }) =>
    compact({ enabled, isPublic, maxModels }),
)
