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
/** A connection that does not stand after this is begun anew: the client alone would wait for its greeting for ever. */
const CONNECT_MS = 2000
/** An answer that is late by this does not come: the other end of the connection is gone, and nobody has said so. */
const OVERDUE_MS = 1000
const RECONNECT_MS = { first: 50, most: 1000 } as const

/** Never comes back by itself: who has it makes another. */
function newClient(url: string) {
  return createClient({
    url,
    disableOfflineQueue: true,
    socket: { connectTimeout: CONNECT_MS, reconnectStrategy: false },
  })
}

type Client = ReturnType<typeof newClient>

export class RedisConnection {
  readonly #options: RedisOptions
  readonly #hearers: (() => void)[] = []
  /** The client of the connection that stands. Each connection has its own, so that no answer of one is taken for one of another. */
  #client: Client | undefined
  /** Ends the connection that stands or is being made, and the wait for the next. */
  #end: () => void = () => undefined
  #isClosed = false
  #isLiving = false

  constructor(options: RedisOptions) {
    this.#options = options
  }

  get isReady(): boolean {
    return this.#client !== undefined
  }

  /** Called each time the connection stands, the first time too. */
  onReady(hear: () => void): void {
    this.#hearers.push(hear)
  }

  /** Resolves when it is connected; goes on trying for as long as it is not closed. */
  async open(): Promise<void> {
    const { promise: ready, resolve } = Promise.withResolvers<void>()
    this.onReady(resolve)
    void this.#live(() => undefined)
    await ready
  }

  /** Resolves when it is connected, when the first attempt has failed or after `milliseconds`; it goes on trying. */
  async tryOpen(milliseconds: number): Promise<void> {
    const { promise: known, resolve } = Promise.withResolvers<void>()
    this.onReady(resolve)
    const timer = setTimeout(resolve, milliseconds)
    void this.#live(resolve)
    await known
    clearTimeout(timer)
  }

  /** Begins anew: what the other side says can no longer be trusted. */
  drop(): void {
    this.#end()
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
    const { patienceMs = PATIENCE_MS } = this.#options
    const client = this.#client
    if (client === undefined) throw redisFailure(undefined)
    const { promise: late, reject } = Promise.withResolvers<never>()
    const answer = client.sendCommand(command)
    const timer = setTimeout(() => {
      reject(redisTimeout(patienceMs))
      this.#watch(answer)
    }, patienceMs)
    try {
      return await Promise.race([answer, late])
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
    this.#end()
  }

  /** Ends the connection where an answer that is late does not come at all. */
  #watch(answer: Promise<unknown>): void {
    const timer = setTimeout(() => this.drop(), OVERDUE_MS)
    const stop = (): void => clearTimeout(timer)
    answer.then(stop, stop)
  }

  /** One connection after another. */
  async #live(afterFirst: () => void): Promise<void> {
    if (this.#isLiving) return
    this.#isLiving = true
    let failures = 0
    while (!this.#isClosed) {
      failures = (await this.#connection()) ? 0 : failures + 1
      afterFirst()
      if (!this.#isClosed) await this.#pause(failures)
    }
  }

  /** Resolves when it has ended: with false where it never stood. */
  async #connection(): Promise<boolean> {
    const { promise: ended, resolve: end } = Promise.withResolvers<false>()
    this.#end = () => end(false)
    const client = newClient(this.#options.url)
    // An error of reading ends it too: what follows would belong to nobody knows which command.
    client.on('error', this.#end)
    const connected = client.connect().then(
      () => true,
      () => false,
    )
    const timer = setTimeout(this.#end, CONNECT_MS)
    const stands = await Promise.race([connected, ended])
    clearTimeout(timer)
    if (stands) {
      this.#client = client
      for (const hear of this.#hearers) hear()
      await ended
      this.#client = undefined
    }
    if (client.isOpen) client.destroy()
    return stands
  }

  async #pause(failures: number): Promise<void> {
    const { promise: over, resolve } = Promise.withResolvers<void>()
    this.#end = resolve
    const most = Math.min(RECONNECT_MS.most, RECONNECT_MS.first * 2 ** Math.min(failures, 10))
    const timer = setTimeout(resolve, most * (0.5 + this.#options.random() / 2))
    await over
    clearTimeout(timer)
  }
}

function isUnknownScript(thrown: unknown): boolean {
  return (
    thrown instanceof Error &&
    thrown.cause instanceof Error &&
    thrown.cause.message.startsWith('NOSCRIPT')
  )
}
