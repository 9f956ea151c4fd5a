// Limits that several gateways share, counted in one Redis.
import { GatewayError } from '../../canonical/errors.ts'
import type {
  Charge,
  ConcurrencyTake,
  Denied,
  Granted,
  LimitStanding,
  LimitStore,
  Take,
} from '../../resilience/limits/limit.ts'
import { CHARGE, JOIN, RELEASE, RENEW, SEED, TAKE } from './limit-scripts.ts'
import { type RedisConnection, redisScript } from './redis-connection.ts'
import { Remembered } from './remembered.ts'

export interface RedisLimitsOptions {
  /** Milliseconds. */
  readonly clock: () => number
  /** Names an epoch; never the same twice. */
  readonly newId: () => string
  /** Installations that share a Redis and not their limits differ in it. Default `patchbay`. */
  readonly namespace?: string
  /** What the others get to come back and tell what they know, after Redis lost its memory. Default 2000 ms. */
  readonly settleMs?: number
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

export class RedisLimits implements LimitStore {
  readonly #redis: RedisConnection
  readonly #options: RedisLimitsOptions
  readonly #remembered: Remembered
  #epoch: string | undefined

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
    if (takes.length === 0) return { granted: true, standings: [] }
    if (this.#epoch === undefined) await this.#join()
    const first = await this.#taken(takes)
    const answer = first ?? (await this.#takenAfterJoin(takes))
    for (const [at, take] of takes.entries()) this.#remember(take, answer, at)
    return answer
  }

  async charge(charges: readonly Charge[]): Promise<void> {
    if (charges.length === 0) return
    const args = charges.flatMap(({ take, amount }) => [
      String(take.limit),
      String(take.periodMs),
      String(amount),
    ])
    await this.#redis.run(SCRIPTS.charge, this.#keys(charges.map(({ take }) => take)), args)
    for (const { take, amount } of charges) this.#remembered.moved(take, amount)
  }

  async renew(takes: readonly ConcurrencyTake[]): Promise<void> {
    if (takes.length === 0) return
    for (const take of takes) this.#remembered.held(take)
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

  /** Undefined where Redis is in another epoch than this process, or in one that still settles. */
  async #taken(takes: readonly Take[]): Promise<Granted | Denied | undefined> {
    const args = takes.flatMap((take) =>
      take.kind === 'rate'
        ? ['rate', String(take.limit), String(take.periodMs), String(take.cost), '']
        : ['place', String(take.limit), String(take.ttlMs), '1', take.holder],
    )
    const keys = [this.#epochKey, ...this.#keys(takes)]
    return read(numbersOf(await this.#redis.run(SCRIPTS.take, keys, [this.#epoch ?? '', ...args])))
  }

  async #takenAfterJoin(takes: readonly Take[]): Promise<Granted | Denied> {
    await this.#join()
    const answer = await this.#taken(takes)
    if (answer !== undefined) return answer
    throw new GatewayError('internal', 'The shared count of limits is being put together again.', {
      code: 'redis_settling',
    })
  }

  /** Learns the epoch; in a new one, tells what it remembers of the old. */
  async #join(): Promise<void> {
    const { newId, settleMs = SETTLE_MS } = this.#options
    const known = this.#epoch
    const args = [newId(), known === undefined ? '0' : '1', String(settleMs)]
    const answer = await this.#redis.run(SCRIPTS.join, [this.#epochKey], args)
    const epoch = Array.isArray(answer) ? String(answer[0]) : ''
    if (epoch === known) return
    const memories = this.#remembered.all()
    if (memories.length > 0) {
      const told = memories.flatMap((memory) =>
        memory.kind === 'rate'
          ? ['rate', String(memory.leftMs), '']
          : ['place', String(memory.leftMs), memory.holder],
      )
      await this.#redis.run(SCRIPTS.seed, this.#keys(memories), told)
    }
    this.#epoch = epoch
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

function numbersOf(answer: unknown): readonly number[] {
  return Array.isArray(answer) ? answer.map(Number) : []
}

function read([denied = 0, wait = 0, ...pairs]: readonly number[]): Granted | Denied | undefined {
  if (denied < 0) return undefined
  const standings: LimitStanding[] = []
  for (let at = 0; at + 1 < pairs.length; at += 2) {
    standings.push({ remaining: pairs[at] ?? 0, resetMs: pairs[at + 1] ?? 0 })
  }
  if (denied === 0) return { granted: true, standings }
  const retryAfterMs = wait < 0 ? {} : { retryAfterMs: wait }
  return { granted: false, at: denied - 1, standings, ...retryAfterMs }
}
