// What patchbay.yaml may say of retries, breakers, waits and refused keys. Times are in seconds.
import { z } from 'zod'
import { compact } from '../canonical/compact.ts'
import type { ResilienceConfig } from './schema.ts'
import { asNumber, optional, positive } from './values.ts'

const whole = z.preprocess(asNumber, z.int().positive())
const share = z.preprocess(asNumber, z.number().min(0).max(1))
const amount = z.preprocess(asNumber, z.number().min(0))

const entry = z.strictObject({
  max_attempts: optional(whole).describe('Attempts of one call, over all its targets. Default: 3.'),
  timeout: optional(positive).describe(
    'Seconds that a call may take as a whole; a client, a route or a provider may say less. Default: 900.',
  ),
  timeouts: optional(
    z.strictObject({
      connect: optional(positive).describe('Seconds to open a connection. Default: 3.'),
      tls: optional(positive).describe('Seconds for TLS on top of that. Default: 3.'),
      first_byte: optional(positive).describe(
        'Seconds to the head of a stream. Default: 30; 300 on this machine.',
      ),
      whole: optional(positive).describe(
        'Seconds to the head of an answer that comes as a whole. Default: 300.',
      ),
      idle: optional(positive).describe(
        'Seconds between two chunks. Default: 60; 30 of hosts that send signs of life; 300 on this machine.',
      ),
      content: optional(positive).describe(
        'Seconds without a word, whatever signs of life come. Default: 60; 300 on this machine.',
      ),
      total: optional(positive).describe('Seconds of one attempt. Default: 900, of streams none.'),
    }),
  ).describe('Patience with each phase of an attempt, for providers whose settings do not say.'),
  backoff: optional(
    z.strictObject({
      transient_base: optional(amount).describe(
        'Before the same target is asked again after a failure: up to this, doubled each time. Default: 0.05.',
      ),
      throttle_base: optional(amount).describe('The same after it refused for now. Default: 1.'),
      cap: optional(amount).describe('The longest wait by our own reckoning. Default: 8.'),
      hint_cap: optional(amount).describe(
        'The longest wait that a provider may ask for before it is asked again. Default: 10.',
      ),
    }),
  ).describe('How long to wait between attempts at one target.'),
  budget: optional(
    z.strictObject({
      capacity: optional(positive).describe('Tokens of a full bucket. Default: 500.'),
      transient_cost: optional(amount).describe(
        'Price of an attempt after a failure. Default: 14.',
      ),
      throttle_cost: optional(amount).describe('Price of one after a refusal for now. Default: 5.'),
      success_refund: optional(amount).describe('What each success gives back. Default: 1.'),
      ratio: optional(share).describe(
        'Retries under way, as a share of all calls under way. Default: 0.2.',
      ),
      floor: optional(amount).describe('Retries under way that are always allowed. Default: 3.'),
    }),
  ).describe('What the retries of one provider may cost.'),
  breaker: optional(
    z.strictObject({
      consecutive: optional(whole).describe('Failures in a row that open it. Default: 5.'),
      ratio: optional(share).describe('Share of failures that opens it. Default: 0.5.'),
      samples: optional(whole).describe('Calls before the share counts. Default: 20.'),
      window: optional(positive).describe('Seconds that the share is of. Default: 30.'),
      open: optional(positive).describe(
        'Seconds that it is open the first time; doubled each time. Default: 5.',
      ),
      max_open: optional(positive).describe('Seconds that it is open at the most. Default: 300.'),
      jitter: optional(share).describe('Share by which that is spread. Default: 0.2.'),
      trials: optional(whole).describe('Calls that must succeed before it closes. Default: 2.'),
      slow_start: optional(amount).describe(
        'Seconds in which its share of calls grows back; 0: at once. Default: 30.',
      ),
      forgive: optional(positive).describe(
        'Healthy seconds after which one doubling is forgotten. Default: 60.',
      ),
      max_cooling: optional(amount).describe(
        'Seconds that a target is left alone at the most because it asks for it. Default: 60.',
      ),
    }),
  ).describe('When a target is left alone.'),
  credentials: optional(
    z.strictObject({
      auth_hold: optional(positive).describe(
        'Seconds that a key is left alone after a 401. Default: until it is changed, lifted, or a free check succeeds.',
      ),
      billing_hold: optional(positive).describe(
        'Seconds that it is left alone after a 402. Default: until it is changed or lifted.',
      ),
      permission_hold: optional(positive).describe(
        'Seconds that it comes last for a model after a 403. Default: 900.',
      ),
      quota_hold: optional(positive).describe(
        'Seconds that it is left alone when its quota is used up. Default: 900.',
      ),
      probe: optional(positive).describe(
        'Seconds between free checks of a key that was refused. Default: 30.',
      ),
    }),
  ).describe('How long a refused key is left alone.'),
})

export const resilience: z.ZodType<ResilienceConfig> = entry.transform(toResilience)

function toResilience(read: z.infer<typeof entry>): ResilienceConfig {
  const { timeouts = {}, backoff = {}, budget = {}, breaker = {}, credentials = {} } = read
  return compact({
    maxAttempts: read.max_attempts,
    timeoutMs: inMs(read.timeout),
    timeouts: compact({
      connect: timeouts.connect,
      tls: timeouts.tls,
      firstByte: timeouts.first_byte,
      whole: timeouts.whole,
      idle: timeouts.idle,
      content: timeouts.content,
      total: timeouts.total,
    }),
    backoff: compact({
      transientBaseMs: inMs(backoff.transient_base),
      throttleBaseMs: inMs(backoff.throttle_base),
      capMs: inMs(backoff.cap),
      hintCapMs: inMs(backoff.hint_cap),
    }),
    budget: compact({
      capacity: budget.capacity,
      transientCost: budget.transient_cost,
      throttleCost: budget.throttle_cost,
      successRefund: budget.success_refund,
      ratio: budget.ratio,
      floor: budget.floor,
    }),
    breaker: compact({
      consecutive: breaker.consecutive,
      ratio: breaker.ratio,
      samples: breaker.samples,
      windowMs: inMs(breaker.window),
      openMs: inMs(breaker.open),
      maxOpenMs: inMs(breaker.max_open),
      jitter: breaker.jitter,
      trials: breaker.trials,
      slowStartMs: inMs(breaker.slow_start),
      forgiveMs: inMs(breaker.forgive),
      maxCoolingMs: inMs(breaker.max_cooling),
    }),
    credentials: compact({
      authMs: inMs(credentials.auth_hold),
      billingMs: inMs(credentials.billing_hold),
      permissionMs: inMs(credentials.permission_hold),
      quotaMs: inMs(credentials.quota_hold),
      probeMs: inMs(credentials.probe),
    }),
  })
}

function inMs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000
}
