// What patchbay.yaml may say of several keys of one provider.
import { z } from 'zod'
import { compact } from '../canonical/compact.ts'
import type { CredentialConfig } from '../providers/provider-config.ts'
import type { SchemaIssue } from './explain.ts'
import { optional, positive, text } from './values.ts'

interface CredentialEntry {
  readonly name?: string | undefined
  readonly key?: string | undefined
  readonly env?: string | undefined
  readonly weight?: number | undefined
}

export const credential: z.ZodType<string | CredentialEntry> = z.union([
  text,
  z
    .strictObject({
      name: optional(text).describe('Public: in trails and health. Default: k1, k2 by its place.'),
      key: optional(text).describe('The key. Write ${NAME}, never the key itself.'),
      env: optional(text).describe('The environment variable that holds the key, instead of key.'),
      weight: optional(positive).describe('Its share of the calls. Default: 1.'),
    })
    .refine(({ key, env }) => (key === undefined) !== (env === undefined), {
      message: 'needs either key or env',
    }),
])

export type Environment = Readonly<Record<string, string | undefined>>

export function toCredential(
  entry: z.infer<typeof credential>,
  env: Environment,
): CredentialConfig {
  if (typeof entry === 'string') return { key: entry }
  const { name, key = env[entry.env ?? ''] ?? '', weight } = entry
  return compact({ name, key, weight })
}

/** What is wrong with keys that the environment should hold; names variables, never their values. */
export function missingKeys(
  entries: readonly z.infer<typeof credential>[],
  env: Environment,
): readonly SchemaIssue[] {
  return entries.flatMap((entry, at): SchemaIssue[] => {
    if (typeof entry === 'string' || entry.env === undefined) return []
    if ((env[entry.env] ?? '') !== '') return []
    const message = `needs the environment variable ${entry.env}, which is not set; set it, or leave the key out`
    return [{ path: [at, 'env'], message }]
  })
}
