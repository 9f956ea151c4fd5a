// What is stored and not in force, as the admin API shows it.
import { z } from 'zod'
import type { JsonObject } from '../../wire/json.ts'
import type { Aside } from '../registry/source.ts'

export const aside: z.ZodType = z.object({
  kind: z.enum(['provider', 'route']),
  name: z.string(),
  reason: z.string(),
})

export function asidesView(all: readonly Aside[], kind: Aside['kind']): readonly JsonObject[] {
  return all.filter((one) => one.kind === kind).map((one) => ({ ...one }))
}
