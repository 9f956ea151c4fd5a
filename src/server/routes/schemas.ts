// Answers of the admin API as schemas, for the OpenAPI document.
import { z } from 'zod'
import { POLICIES } from '../../canonical/note.ts'
import { SOURCES } from '../registry/source.ts'
import { STRATEGIES } from '../../routing/route.ts'

/** An object whose keys are shown in the examples of the guide rather than fixed here. */
const open: z.ZodType = z.looseObject({})

export const errorAnswer: z.ZodType = z.object({
  error: z.object({
    kind: z.string(),
    code: z.string().optional(),
    message: z.string(),
    param: z.string().optional(),
    request_id: z.string(),
  }),
})

/** A key by its label. */
export const credential: z.ZodType = z.object({
  name: z.string(),
  weight: z.number(),
  generation: z.int(),
  state: z.enum(['ok', 'cooling', 'quarantined']),
  reason: z.enum(['auth', 'billing', 'permission', 'quota']).optional(),
  since: z.string().optional(),
  until: z.string().optional(),
  closed_models: z.array(z.string()).optional(),
})

export const provider: z.ZodType = z.object({
  name: z.string(),
  provider_type: z.string(),
  locality: z.enum(['local', 'cloud']),
  enabled: z.boolean(),
  disabled_reason: z.string().optional(),
  is_default: z.boolean(),
  source: z.enum(SOURCES).describe('Whose word it is; the file wins for what it names.'),
  persisted: z.literal(false).optional().describe('It is gone when this process ends.'),
  has_key: z.boolean(),
  credentials: z.array(credential).optional(),
  base_url: z.string().optional(),
  models: z.array(z.string()).optional(),
  default_model: z.string().optional(),
  rate_limit: z.number().optional(),
  timeout: z.number().optional(),
})

const limits = z
  .object({
    seen_at: z.string(),
    retry_at: z.string().optional(),
    buckets: z.array(
      z.object({
        name: z.string(),
        counts: z.enum(['requests', 'tokens']),
        limit: z.number().optional(),
        remaining: z.number().optional(),
        reset_at: z.string().optional(),
      }),
    ),
  })
  .describe('What the provider last said of its limits.')

export const chatAnswer: z.ZodType = z.object({
  response: z.string(),
  model: z.string(),
  provider: z.string(),
  tokens: z.number().nullable(),
  latency_ms: z.number(),
  finish_reason: z.string().optional(),
})

export const model: z.ZodType = z.object({
  id: z.string(),
  name: z.string().optional(),
  context_tokens: z.number().optional(),
  max_output_tokens: z.number().optional(),
  size_bytes: z.number().optional(),
  parameter_size: z.string().optional(),
  capabilities: z.array(z.string()).optional(),
})

export const status: z.ZodType = z.object({
  version: z.string(),
  uptime_seconds: z.number(),
  default_provider: z.string().nullable(),
  selected_model: z.string().nullable(),
  providers: z.array(open),
})

const verdicts = z.record(z.enum(POLICIES), z.enum(['pass', 'warn', 'refuse']))

const standing = {
  state: z.enum(['closed', 'open', 'half-open', 'slow-start']),
  since: z.string().optional(),
  reason: z.string().optional(),
  in_flight: z.int(),
  latency_ms: z.number().optional(),
  last_latency_ms: z.number().optional(),
  success_rate: z.number().optional(),
  wait_ms: z.number().optional(),
  cooling_ms: z.number().optional(),
}

/** Of a provider that has been asked. */
const askedTarget = z.object({
  model: z.string(),
  credential: z.string().optional(),
  ...standing,
})

export const health: z.ZodType = z.object({
  healthy: z.boolean(),
  reason: z.string().optional(),
  latency_ms: z.number(),
  checked_at: z.string(),
  since: z.string().optional(),
  key: z.enum(['ok', 'invalid', 'unknown']).optional(),
  limits: limits.optional(),
  targets: z.array(askedTarget).optional(),
  credentials: z.array(credential).optional(),
})

export const shownRoute: z.ZodType = z.object({
  name: z.string(),
  source: z.enum(SOURCES),
  strategy: z.enum(STRATEGIES),
  timeout: z.number().optional(),
  calls: z.int(),
  hedge: z
    .object({
      delay_ms: z.number().optional(),
      min_delay_ms: z.number().optional(),
      max_share: z.number().optional(),
    })
    .optional(),
  on_stream_failure: z.enum(['fail', 'continue']).optional(),
  targets: z.array(
    z.object({
      model: z.string(),
      weight: z.number().optional(),
      context_tokens: z.int().optional(),
      capabilities: z.array(z.string()).optional(),
      target: z.string().optional(),
      ...standing,
      state: standing.state.optional(),
      in_flight: z.int().optional(),
      unusable: z.string().optional(),
    }),
  ),
})

export const explanation: z.ZodType = z.object({
  protocol: z.string(),
  model: z
    .object({
      asked: z.string(),
      provider: z.string(),
      model: z.string(),
      rule: z.string(),
      why: z.string(),
    })
    .optional(),
  unlisted: z.array(z.string()).optional(),
  policy: z.enum(POLICIES).optional(),
  verdicts: verdicts.optional(),
  lane: z.enum(['bytes', 'patch', 'translate']).optional(),
  request: open.optional(),
  fetches: z.array(z.string()).optional(),
  protocol_reason: z.enum(['only', 'untouched', 'least-loss', 'preferred']).optional(),
  other_protocols: z.array(z.object({ protocol: z.string(), notes: z.string() })).optional(),
  route: z
    .object({
      name: z.string(),
      strategy: z.string(),
      order: z.array(z.object({ provider: z.string(), model: z.string(), ...standing })),
      left: z.array(z.object({ model: z.string(), reason: z.string() })),
    })
    .optional(),
  notes: z
    .array(
      z.object({
        action: z.string(),
        feature: z.string(),
        path: z.string(),
        field: z.string().optional(),
        weight: z.int(),
        reason: z.string(),
        verdicts,
      }),
    )
    .optional(),
  notes_header: z.string().optional(),
  tokens: z
    .object({ input: z.int(), exact: z.boolean(), max_output: z.int().optional() })
    .optional(),
  price: open.optional(),
  reservation: z
    .object({
      usd: z.string().optional(),
      budgets: z.array(
        z.object({
          id: z.string(),
          scope: z.string(),
          period: z.string(),
          hard: z.boolean(),
          limit_usd: z.string().optional(),
          spent_usd: z.string().optional(),
          reserved_usd: z.string().optional(),
          fits: z.boolean(),
        }),
      ),
    })
    .optional(),
  refusal: z.object({ status: z.int(), body: open }).optional(),
})

/** A map by provider name. */
export function byProvider(value: z.ZodType): z.ZodType {
  return z.object({ providers: z.record(z.string(), value) })
}
