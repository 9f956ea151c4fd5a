// Texts that several gateways share, in one Redis, each for a time.
import type { EntryStore } from '../../resilience/cache/entry-store.ts'
import { redisFailure, redisNonsense } from './redis-failure.ts'
import { type RedisConnection, redisScript } from './redis-connection.ts'

export interface RedisEntriesOptions {
  /** What other entries of the same Redis do not begin with. */
  readonly namespace: string
  /** Whether Redis is known to be lost: it is then not even asked. */
  readonly isLost: () => boolean
}

/** KEYS: the entry. ARGV: its text, milliseconds. Gives what is there already. */
const CLAIM = redisScript(`
local known = redis.call('GET', KEYS[1])
if known then return known end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return false
`)

export class RedisEntries implements EntryStore {
  readonly #redis: RedisConnection
  readonly #options: RedisEntriesOptions

  constructor(redis: RedisConnection, options: RedisEntriesOptions) {
    this.#redis = redis
    this.#options = options
  }

  async get(key: string): Promise<string | undefined> {
    return textOf(await this.#send(['GET', this.#name(key)]))
  }

  async set(key: string, text: string, ttlMs: number): Promise<void> {
    await this.#send(['SET', this.#name(key), text, 'PX', timeOf(ttlMs)])
  }

  async claim(key: string, text: string, ttlMs: number): Promise<string | undefined> {
    this.#assertThere()
    return textOf(await this.#redis.run(CLAIM, [this.#name(key)], [text, timeOf(ttlMs)]))
  }

  async remove(key: string): Promise<void> {
    await this.#send(['DEL', this.#name(key)])
  }

  /** The connection is not its own. */
  async close(): Promise<void> {}

  async #send(command: readonly string[]): Promise<unknown> {
    this.#assertThere()
    return this.#redis.send(command)
  }

  #assertThere(): void {
    if (this.#options.isLost()) throw redisFailure(undefined)
  }

  #name(key: string): string {
    return `{${this.#options.namespace}}:${key}`
  }
}

function timeOf(milliseconds: number): string {
  return String(Math.max(1, Math.ceil(milliseconds)))
}

function textOf(answer: unknown): string | undefined {
  if (answer === null) return undefined
  if (typeof answer === 'string') return answer
  throw redisNonsense()
}
