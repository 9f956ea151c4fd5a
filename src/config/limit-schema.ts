// What patchbay.yaml may say of limits, and of the Redis that several gateways count them in.
import { z } from 'zod'
import { compact } from '../canonical/compact.ts'
import type { LimitRule, Quota } from '../resilience/limits/limit-rule.ts'
import { SLICE_SHARE } from '../resilience/limits/slices.ts'
import { Secret } from '../vault/secret.ts'
import type { RedisConfig } from './schema.ts'
import { asNumber, optional, positive, text } from './values.ts'

const whole = z.preprocess(asNumber, z.int().positive())

const quota = z.strictObject({
  per_minute: optional(positive).describe('In a minute.'),
  per_day: optional(positive).describe('In a day.'),
})

const ruleEntry = z
  .strictObject({
    scope: z
      .enum(['all', 'key', 'team', 'provider', 'model'])
      .describe(
        'Whose calls are counted: those of all together, or of each key, team, provider or model for itself.',
      ),
    of: optional(text).describe(
      "Only this one: a key's public id (anonymous: callers without one), a team, a provider, or provider/model; * at the end stands for any rest. Default: every one.",
    ),
    requests: optional(quota).describe('How many calls.'),
    tokens: optional(quota).describe('How many tokens, read and written.'),
    concurrency: optional(whole).describe('How many calls at once.'),
    on_backend_loss: optional(z.enum(['local_share', 'leased', 'closed'])).describe(
      'While Redis is lost: local_share (each gateway counts its part), leased (it spends what it has set aside) or closed. Default: leased for tokens, local_share for the rest.',
    ),
  })
  .refine(
    ({ requests, tokens, concurrency }) =>
      [requests?.per_minute, requests?.per_day, tokens?.per_minute, tokens?.per_day].some(
        (limit) => limit !== undefined,
      ) || concurrency !== undefined,
    'limits nothing: it needs requests, tokens or concurrency',
  )
  .refine(({ scope, of }) => scope !== 'all' || of === undefined, {
    path: ['of'],
    message: 'has no meaning in a rule for all',
  })

const redisEntry = z.strictObject({
  url: z
    .url({ protocol: /^rediss?$/, error: 'must be a redis:// or rediss:// URL' })
    .describe('Its address with user and password. Write ${REDIS_URL}, never the password itself.'),
  instances: optional(whole).describe(
    'How many gateways share it: each counts its part of a limit while Redis is lost. Default: 1.',
  ),
  namespace: optional(text.regex(/^[^{}]*$/, 'must not contain braces')).describe(
    'Differs between installations that share a Redis and not their limits. Default: patchbay.',
  ),
  timeout_ms: optional(whole).describe(
    'Milliseconds of patience with one command, then Redis counts as lost. Default: 25.',
  ),
  settle_ms: optional(whole).describe(
    'Milliseconds that gateways get to tell what they remember to a Redis that lost its memory. Default: 2000.',
  ),
  slice: optional(z.preprocess(asNumber, z.number().min(0).max(1))).describe(
    'Part of a leased limit that each gateway sets aside, to spend while Redis is lost. Default: 0.02.',
  ),
})

function toLimitRule(entry: z.infer<typeof ruleEntry>): LimitRule {
  const { scope, of, requests, tokens, concurrency, on_backend_loss: onBackendLoss } = entry
  return compact({
    scope,
    of,
    requests: toQuota(requests),
    tokens: toQuota(tokens),
    concurrency,
    onBackendLoss,
  })
}

function toQuota(entry: z.infer<typeof quota> | undefined): Quota | undefined {
  if (entry === undefined) return undefined
  return compact({ perMinute: entry.per_minute, perDay: entry.per_day })
}

function toRedis(entry: z.infer<typeof redisEntry>): RedisConfig {
  const { url, instances = 1, namespace = 'patchbay', slice = SLICE_SHARE } = entry
  const { timeout_ms: timeoutMs = 25, settle_ms: settleMs = 2000 } = entry
  return { url: new Secret(url), instances, namespace, timeoutMs, settleMs, slice }
}

export const limitRule: z.ZodType<LimitRule> = ruleEntry.transform(toLimitRule)
export const redis: z.ZodType<RedisConfig> = redisEntry.transform(toRedis)
