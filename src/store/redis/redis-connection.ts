// One connection to Redis that never makes a caller wait for long: while it is lost, commands fail at once.
import { createHash } from 'node:crypto'
import { createClient } from '@redis/client'
import { GatewayError } from '../../canonical/errors.ts'

export interface RedisOptions {
  /** `redis://` or `rediss://`, with user and password inside. */
  readonly url: string
  /** Patience with one command, in milliseconds. Default 25. */
  readonly patienceMs?: number
}

/** A program that runs inside Redis, kept there by its hash. */
export interface RedisScript {
  readonly text: string
  readonly sha: string
}

export function redisScript(text: string): RedisScript {
  return { text, sha: createHash('sha1').update(text).digest('hex') }
}

const PATIENCE_MS = 25
const CONNECT_MS = 2000
const RECONNECT_MS = { first: 50, most: 1000 } as const

export class RedisConnection {
  readonly #client: ReturnType<typeof createClient>
  readonly #patienceMs: number

  constructor({ url, patienceMs = PATIENCE_MS }: RedisOptions) {
    this.#patienceMs = patienceMs
    this.#client = createClient({
      url,
      disableOfflineQueue: true,
      socket: {
        connectTimeout: CONNECT_MS,
        reconnectStrategy: (retries) =>
          Math.min(RECONNECT_MS.most, RECONNECT_MS.first * 2 ** Math.min(retries, 10)),
      },
    })
    // Each command says so itself; without a listener the process would end.
    this.#client.on('error', () => {})
  }

  /** Called each time the connection stands, the first time too. */
  onReady(hear: () => void): void {
    this.#client.on('ready', hear)
  }

  /** Resolves when it is connected; goes on trying for as long as it is open. */
  async open(): Promise<void> {
    await this.#client.connect()
  }

  /** Runs a script. Throws GatewayError `internal` with code `redis_lost` when Redis does not answer in time. */
  async run(
    script: RedisScript,
    keys: readonly string[],
    args: readonly string[],
  ): Promise<unknown> {
    const rest = [String(keys.length), ...keys, ...args]
    try {
      return await this.#patiently(['EVALSHA', script.sha, ...rest])
    } catch (thrown) {
      if (!isUnknownScript(thrown)) throw lost(thrown)
    }
    try {
      return await this.#patiently(['EVAL', script.text, ...rest])
    } catch (thrown) {
      throw lost(thrown)
    }
  }

  close(): void {
    if (this.#client.isOpen) this.#client.destroy()
  }

  async #patiently(command: readonly string[]): Promise<unknown> {
    const { promise: late, reject } = Promise.withResolvers<never>()
    const timer = setTimeout(
      () => reject(new Error(`no answer within ${this.#patienceMs} ms`)),
      this.#patienceMs,
    )
    try {
      return await Promise.race([this.#client.sendCommand(command), late])
    } finally {
      clearTimeout(timer)
    }
  }
}

function isUnknownScript(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.message.startsWith('NOSCRIPT')
}

function lost(cause: unknown): GatewayError {
  return new GatewayError('internal', 'Redis, where limits are counted, does not answer.', {
    code: 'redis_lost',
    cause,
  })
}
