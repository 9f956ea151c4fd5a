// A running Patchbay as the commands see it: calls with the right credential, answers as JSON, refusals as failures.
import { compact } from '../canonical/compact.ts'
import { createTransport } from '../transport/http-transport.ts'
import { readBody } from '../transport/read-body.ts'
import type { Transport, TransportResponse } from '../transport/transport.ts'
import { type Json, tryParseJson } from '../wire/json.ts'
import { refusalOf, silenceOf } from './refusal.ts'
import { type AddressOptions, serverAddress } from './server-address.ts'
import type { Terminal } from './terminal.ts'

/** The options that every command talking to a server shares. */
export interface ConnectionOptions extends AddressOptions {
  /** The admin token. */
  readonly token?: string
  /** The client key. */
  readonly key?: string
}

/** Whether the user says which server is meant, so that it must be there. */
export function isNamed(terminal: Terminal, options: ConnectionOptions): boolean {
  return options.url !== undefined || (terminal.env['PATCHBAY_URL'] ?? '') !== ''
}

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly body?: Json
  /** Besides those of every call. */
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  /** Milliseconds for each phase. Default 30 seconds. */
  readonly patienceMs?: number
}

/** For answers that take as long as they take. */
export const ALL_DAY: number = 24 * 60 * 60 * 1000
const PATIENCE_MS = 30_000
/** A server on this machine greets at once, or is not there. */
const GREETING_MS = 3000
const CONNECT_MS = 10_000
const MAX_ANSWER_BYTES = 64 * 1024 * 1024

export class Connection {
  readonly url: string
  readonly #credential: string | undefined
  readonly #transport: Transport = createTransport()

  constructor(url: string, credential: string | undefined) {
    this.url = url
    this.#credential = credential
  }

  /** `admin` shows the token, else the key; `client` the other way round; `chat` the key alone, since an admin token asks no model. */
  static async open(
    terminal: Terminal,
    options: ConnectionOptions,
    role: 'admin' | 'client' | 'chat',
  ): Promise<Connection> {
    const { env } = terminal
    const token = options.token ?? (env['PATCHBAY_ADMIN_TOKEN'] || undefined)
    const key = options.key ?? (env['PATCHBAY_KEY'] || undefined)
    const url = await serverAddress(terminal, options)
    if (role === 'chat') return new Connection(url, key)
    return new Connection(url, role === 'admin' ? (token ?? key) : (key ?? token))
  }

  /** The JSON of a good answer; a refusal throws CommandFailure. */
  async json(call: Call): Promise<Json> {
    const response = await this.send(call)
    const value = tryParseJson(await readBody(response.body, MAX_ANSWER_BYTES))
    if (response.status < 400 && value !== undefined) return value
    throw refusalOf(response.status, value)
  }

  /** Whether a Patchbay, and not something else, answers at the address. */
  async isPatchbay(): Promise<boolean> {
    try {
      const response = await this.send({ method: 'GET', path: '/', patienceMs: GREETING_MS })
      return /^Patchbay \S+ is running/.test(await readBody(response.body, MAX_ANSWER_BYTES))
    } catch {
      return false
    }
  }

  /** The head of any answer; its body must be read. Throws CommandFailure when there is none. */
  async send(call: Call): Promise<TransportResponse> {
    const { method, path, body, headers = {}, patienceMs = PATIENCE_MS } = call
    const { signal = new AbortController().signal } = call
    try {
      return await this.#transport.send({
        method,
        url: new URL(`${this.url}${path}`),
        headers: compact({
          ...headers,
          accept: 'application/json, text/event-stream',
          'content-type': body === undefined ? undefined : 'application/json',
          authorization: this.#credential === undefined ? undefined : `Bearer ${this.#credential}`,
        }),
        // It is the user who names the server, be it on a private network.
        reach: 'private',
        timeouts: {
          connectMs: Math.min(CONNECT_MS, patienceMs),
          firstByteMs: patienceMs,
          idleMs: patienceMs,
          totalMs: ALL_DAY,
        },
        signal,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
    } catch (thrown) {
      if (signal.aborted) throw thrown
      throw silenceOf(this.url, thrown)
    }
  }
}
