// Limits that several gateways share, counted in one Redis.
import { GatewayError } from '../../canonical/errors.ts'
import type {
  Charge,
  ConcurrencyTake,
  Denied,
  Granted,
  LimitStanding,
  SharedLimitStore,
  Take,
} from '../../resilience/limits/limit.ts'
import { CHARGE, JOIN, RELEASE, RENEW, SEED, TAKE } from './limit-scripts.ts'
import { type RedisConnection, type RedisScript, redisScript } from './redis-connection.ts'
import { redisNonsense } from './redis-failure.ts'
import { type Memory, Remembered } from './remembered.ts'

export interface RedisLimitsOptions {
  /** Milliseconds. */
  readonly clock: () => number
  /** Names an epoch; never the same twice. */
  readonly newId: () => string
  /** Installations that share a Redis and not their limits differ in it. Default `patchbay`. */
  readonly namespace?: string
  /** What the others get to come back and tell what they know, after Redis lost its memory. Default 2000 ms. */
  readonly settleMs?: number
  /** Hears that Redis had lost its memory, or a part of it, and of how many counts it was told. */
  readonly onReseed?: (reseed: Reseed) => void
}

interface Reseed {
  /** It knew nothing of what it knew before; or one count was missing, as evicted. */
  readonly reason: 'memory-lost' | 'count-missing'
  readonly counts: number
}

const SETTLE_MS = 2000

const SCRIPTS = {
  join: redisScript(JOIN),
  seed: redisScript(SEED),
  take: redisScript(TAKE),
  charge: redisScript(CHARGE),
  renew: redisScript(RENEW),
  release: redisScript(RELEASE),
} as const

export class RedisLimits implements SharedLimitStore {
  readonly #redis: RedisConnection
  readonly #options: RedisLimitsOptions
  readonly #remembered: Remembered
  #epoch: string | undefined
  /** Of that epoch: how long it still settled when it was last looked at. */
  #settlesMs = 0
  /** What ended the epoch was a count that Redis no longer had. */
  #isMissing = false

  constructor(redis: RedisConnection, options: RedisLimitsOptions) {
    this.#redis = redis
    this.#options = options
    this.#remembered = new Remembered(options.clock)
    // Also one that nobody calls has something to tell, while the others wait for it.
    redis.onReady(() => {
      this.#join().catch(() => undefined)
    })
  }

  async take(takes: readonly Take[]): Promise<Granted | Denied> {
    if (takes.length === 0) return { granted: true, standings: [], mode: 'shared' }
    const answer = await this.#joined(async () => this.#taken(takes))
    for (const [at, take] of takes.entries()) this.#remember(take, answer, at)
    return answer
  }

  async charge(charges: readonly Charge[]): Promise<void> {
    if (charges.length === 0) return
    const resets = await this.#joined(async () => this.#charged(charges))
    for (const [at, { take }] of charges.entries()) {
      this.#remembered.seen(take, { resetMs: resets[at] ?? 0 })
    }
  }

  async check(): Promise<void> {
    await this.#join()
    if (this.#settlesMs > 0) throw settling()
  }

  async adopt(takes: readonly ConcurrencyTake[]): Promise<void> {
    for (const take of takes) this.#remembered.held(take)
    await this.#seed(takes.map((take) => ({ ...take, leftMs: take.ttlMs })))
  }

  async renew(takes: readonly ConcurrencyTake[]): Promise<void> {
    if (takes.length === 0) return
    for (const take of takes) this.#remembered.renewed(take)
    const args = takes.flatMap(({ holder, ttlMs }) => [holder, String(ttlMs)])
    await this.#redis.run(SCRIPTS.renew, this.#keys(takes), args)
  }

  async release(takes: readonly ConcurrencyTake[]): Promise<void> {
    if (takes.length === 0) return
    for (const take of takes) this.#remembered.left(take)
    const args = takes.map(({ holder }) => holder)
    await this.#redis.run(SCRIPTS.release, this.#keys(takes), args)
  }

  close(): Promise<void> {
    this.#redis.close()
    return Promise.resolve()
  }

  /** Works in the epoch that Redis is in; `work` gives undefined where that is another than this process knows, or still settles. */
  async #joined<T>(work: () => Promise<T | undefined>): Promise<T> {
    if (this.#epoch === undefined) await this.#join()
    const first = await work()
    if (first !== undefined) return first
    await this.#join()
    const answer = await work()
    if (answer === undefined) throw settling()
    return answer
  }

  async #taken(takes: readonly Take[]): Promise<Granted | Denied | undefined> {
    const args = takes.flatMap((take) =>
      take.kind === 'rate'
        ? [
            'rate',
            String(take.limit),
            String(take.periodMs),
            String(take.cost),
            '',
            this.#mark(take),
          ]
        : ['place', String(take.limit), String(take.ttlMs), '1', take.holder, this.#mark(take)],
    )
    const keys = [this.#epochKey, ...this.#keys(takes)]
    const numbers = await this.#numbers(SCRIPTS.take, keys, [this.#epoch ?? '', ...args])
    if (numbers[0] === -1) {
      this.#isMissing ||= numbers[1] === -2
      return undefined
    }
    if (numbers.length !== 2 + 2 * takes.length) throw this.#nonsense()
    return read(numbers)
  }

  async #charged(charges: readonly Charge[]): Promise<readonly number[] | undefined> {
    const args = charges.flatMap(({ take, amount }) => [
      String(take.limit),
      String(take.periodMs),
      String(amount),
    ])
    const keys = [this.#epochKey, ...this.#keys(charges.map(({ take }) => take))]
    const numbers = await this.#numbers(SCRIPTS.charge, keys, [this.#epoch ?? '', ...args])
    if (numbers[0] === -1) return undefined
    if (numbers.length !== 1 + charges.length) throw this.#nonsense()
    return numbers.slice(1)
  }

  /** Whether it is known that something of this was used: then it must be there. */
  #mark(take: Take): string {
    return this.#remembered.knows(take) ? '1' : ''
  }

  async #numbers(
    script: RedisScript,
    keys: readonly string[],
    args: readonly string[],
  ): Promise<readonly number[]> {
    const answer = await this.#redis.run(script, keys, args)
    const numbers = Array.isArray(answer) ? answer.map(Number) : []
    if (numbers.length === 0 || numbers.some((one) => !Number.isFinite(one))) throw this.#nonsense()
    return numbers
  }

  /** Who answers like this may answer the next command with this one's answer. */
  #nonsense(): GatewayError {
    this.#redis.drop()
    return redisNonsense()
  }

  /** Learns the epoch; in a new one, tells what it remembers of the old. */
  async #join(): Promise<void> {
    const { newId, settleMs = SETTLE_MS, onReseed } = this.#options
    const known = this.#epoch
    const args = [newId(), known ?? '', String(settleMs)]
    const answer = await this.#redis.run(SCRIPTS.join, [this.#epochKey], args)
    const [epoch, settles] = Array.isArray(answer) ? answer : []
    if (typeof epoch !== 'string' || !Number.isFinite(Number(settles))) throw this.#nonsense()
    this.#settlesMs = Number(settles)
    if (epoch === known) return
    const memories = this.#remembered.all()
    await this.#seed(memories)
    this.#epoch = epoch
    if (known === undefined) return
    onReseed?.({
      reason: this.#isMissing ? 'count-missing' : 'memory-lost',
      counts: memories.length,
    })
    this.#isMissing = false
  }

  async #seed(memories: readonly Memory[]): Promise<void> {
    if (memories.length === 0) return
    const told = memories.flatMap((memory) =>
      memory.kind === 'rate'
        ? ['rate', String(memory.leftMs), '']
        : ['place', String(memory.leftMs), memory.holder],
    )
    await this.#redis.run(SCRIPTS.seed, this.#keys(memories), told)
  }

  #remember(take: Take, { granted, standings }: Granted | Denied, at: number): void {
    const standing = standings[at]
    if (take.kind === 'rate' && standing !== undefined) this.#remembered.seen(take, standing)
    else if (take.kind === 'concurrency' && granted) this.#remembered.held(take)
  }

  get #namespace(): string {
    return this.#options.namespace ?? 'patchbay'
  }

  get #epochKey(): string {
    return `{${this.#namespace}}:epoch`
  }

  /** The braces put all keys of an installation into one slot of a cluster: a script may only see one. */
  #keys(of: readonly Pick<Take, 'kind' | 'key'>[]): readonly string[] {
    return of.map(({ kind, key }) => `{${this.#namespace}}:${kind}:${key}`)
  }
}

function settling(): GatewayError {
  return new GatewayError('internal', 'The shared count of limits is being put together again.', {
    code: 'redis_settling',
  })
}

function read([denied = 0, wait = 0, ...pairs]: readonly number[]): Granted | Denied {
  const standings: LimitStanding[] = []
  for (let at = 0; at + 1 < pairs.length; at += 2) {
    standings.push({ remaining: pairs[at] ?? 0, resetMs: pairs[at + 1] ?? 0 })
  }
  if (denied === 0) return { granted: true, standings, mode: 'shared' }
  const retryAfterMs = wait < 0 ? {} : { retryAfterMs: wait }
  return { granted: false, at: denied - 1, standings, mode: 'shared', ...retryAfterMs }
}
