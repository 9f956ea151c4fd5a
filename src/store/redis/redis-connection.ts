// One connection to Redis that never makes a caller wait for long: while it is lost, commands fail at once.
import { createHash } from 'node:crypto'
import { createClient } from '@redis/client'
import { redisFailure, redisTimeout } from './redis-failure.ts'

export interface RedisOptions {
  /** `redis://` or `rediss://`, with user and password inside. */
  readonly url: string
  /** Patience with one command, in milliseconds. Default 25. */
  readonly patienceMs?: number
  /** 0 to 1: gateways that lost it together come back apart. */
  readonly random: () => number
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

type Client = ReturnType<typeof createClient>

export class RedisConnection {
  readonly #client: Client
  readonly #patienceMs: number
  #isClosed = false

  constructor({ url, patienceMs = PATIENCE_MS, random }: RedisOptions) {
    this.#patienceMs = patienceMs
    this.#client = createClient({
      url,
      disableOfflineQueue: true,
      socket: {
        connectTimeout: CONNECT_MS,
        reconnectStrategy: (retries) => {
          const most = RECONNECT_MS.first * 2 ** Math.min(retries, 10)
          return Math.min(RECONNECT_MS.most, most) * (0.5 + random() / 2)
        },
      },
    })
    // Each command says so itself; without a listener the process would end.
    this.#client.on('error', () => {
      // An error on a connection that stands is one of reading: what follows belongs to nobody knows which command.
      if (this.#client.isReady) this.drop()
    })
  }

  get isReady(): boolean {
    return this.#client.isReady
  }

  /** Called each time the connection stands, the first time too. */
  onReady(hear: () => void): void {
    this.#client.on('ready', hear)
  }

  /** Resolves when it is connected; goes on trying for as long as it is open. */
  async open(): Promise<void> {
    await this.#client.connect()
  }

  /** Resolves when it is connected, when the first attempt has failed or after `milliseconds`; it goes on trying. */
  async tryOpen(milliseconds: number): Promise<void> {
    const { promise: given, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, milliseconds)
    this.#client.once('error', () => resolve())
    await Promise.race([this.open().catch(() => undefined), given])
    clearTimeout(timer)
  }

  /** Begins anew: what the other side says can no longer be trusted. */
  drop(): void {
    if (this.#isClosed || !this.#client.isOpen) return
    this.#client.destroy()
    this.#client.connect().catch(() => undefined)
  }

  /** Runs a script. Throws GatewayError `internal` with a code that begins with `redis_` when Redis does not do it in time. */
  async run(
    script: RedisScript,
    keys: readonly string[],
    args: readonly string[],
  ): Promise<unknown> {
    const rest = [String(keys.length), ...keys, ...args]
    try {
      return await this.send(['EVALSHA', script.sha, ...rest])
    } catch (thrown) {
      if (!isUnknownScript(thrown)) throw thrown
    }
    return this.send(['EVAL', script.text, ...rest])
  }

  /** One command; throws as `run`. */
  async send(command: readonly string[]): Promise<unknown> {
    const { promise: late, reject } = Promise.withResolvers<never>()
    const patienceMs = this.#patienceMs
    const timer = setTimeout(() => reject(redisTimeout(patienceMs)), patienceMs)
    try {
      return await Promise.race([this.#client.sendCommand(command), late])
    } catch (thrown) {
      const failure = redisFailure(thrown)
      // A replica that was once the master: its name may lead to another by now.
      if (failure.code === 'redis_readonly') this.drop()
      throw failure
    } finally {
      clearTimeout(timer)
    }
  }

  close(): void {
    this.#isClosed = true
    if (this.#client.isOpen) this.#client.destroy()
  }
}

function isUnknownScript(thrown: unknown): boolean {
  return (
    thrown instanceof Error &&
    thrown.cause instanceof Error &&
    thrown.cause.message.startsWith('NOSCRIPT')
  )
}
