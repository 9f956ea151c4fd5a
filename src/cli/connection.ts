// How a command reaches a running Patchbay: its address, the token and key, and what its refusals mean.
import { type Dispatcher, request } from 'undici'
import { compact } from '../canonical/compact.ts'
import { loadConfig } from '../config/load.ts'
import { type Json, isObject, tryParseJson } from '../wire/json.ts'
import { CommandFailure, EXIT, type ExitCode, nextFor } from './exit.ts'
import type { Terminal } from './terminal.ts'

/** The options that every command talking to a server shares. */
export interface ConnectionOptions {
  readonly url?: string
  /** The admin token. */
  readonly token?: string
  /** The client key. */
  readonly key?: string
  readonly config?: string
}

export interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly body?: Json
  readonly signal?: AbortSignal
  /** Milliseconds for the answer to begin; 0 waits for ever. Default 30 seconds. */
  readonly patienceMs?: number
}

/** A server on this machine greets at once, or is not there. */
const GREETING_MS = 3000
const PATIENCE_MS = 30_000

const LISTENING_EVERYWHERE: ReadonlySet<string> = new Set(['0.0.0.0', '::', '[::]'])

/** `--url`, else PATCHBAY_URL, else where the configuration says that Patchbay listens. */
export async function serverUrl(terminal: Terminal, options: ConnectionOptions): Promise<string> {
  const named = options.url ?? (terminal.env['PATCHBAY_URL'] || undefined)
  if (named !== undefined) return checkedUrl(named)
  const { server } = await loadConfig({
    env: terminal.env,
    cwd: terminal.cwd,
    ...(options.config === undefined ? {} : { file: options.config }),
  })
  const host = LISTENING_EVERYWHERE.has(server.host) ? '127.0.0.1' : server.host
  return `http://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${server.port}`
}

function checkedUrl(text: string): string {
  const url = URL.parse(text)
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) {
    return text.replace(/\/+$/, '')
  }
  throw new CommandFailure('The URL of the server must start with http:// or https://.', {
    code: EXIT.usage,
    next: 'For example: --url http://127.0.0.1:8787',
  })
}

/** A running Patchbay as the commands see it. */
export class Connection {
  readonly url: string
  readonly #credential: string | undefined

  constructor(url: string, credential: string | undefined) {
    this.url = url
    this.#credential = credential
  }

  /** `admin` shows the token, else the key; each falls back on the other, since the admin may do everything. */
  static async open(
    terminal: Terminal,
    options: ConnectionOptions,
    role: 'admin' | 'client',
  ): Promise<Connection> {
    const { env } = terminal
    const token = options.token ?? (env['PATCHBAY_ADMIN_TOKEN'] || undefined)
    const key = options.key ?? (env['PATCHBAY_KEY'] || undefined)
    const url = await serverUrl(terminal, options)
    return new Connection(url, role === 'admin' ? (token ?? key) : (key ?? token))
  }

  /** The JSON of a good answer; a refusal throws CommandFailure. */
  async json(call: Call): Promise<Json> {
    const response = await this.send(call)
    const text = await response.body.text()
    const value = tryParseJson(text)
    if (response.statusCode < 400 && value !== undefined) return value
    throw this.refusal(response.statusCode, value)
  }

  /** Whether a Patchbay, and not something else, answers at the address. */
  async isPatchbay(): Promise<boolean> {
    try {
      const response = await this.send({ method: 'GET', path: '/', patienceMs: GREETING_MS })
      return /^Patchbay \S+ is running/.test(await response.body.text())
    } catch {
      return false
    }
  }

  async send(call: Call): Promise<Dispatcher.ResponseData> {
    const { method, path, body, signal, patienceMs = PATIENCE_MS } = call
    try {
      return await request(`${this.url}${path}`, {
        method,
        headers: {
          accept: 'application/json, text/event-stream',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(this.#credential === undefined
            ? {}
            : { authorization: `Bearer ${this.#credential}` }),
        },
        headersTimeout: patienceMs,
        bodyTimeout: patienceMs,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(signal === undefined ? {} : { signal }),
      })
    } catch (cause) {
      if (signal?.aborted === true) throw cause
      throw new CommandFailure(`No Patchbay answers at ${this.url} (${reasonOf(cause)}).`, {
        code: EXIT.unavailable,
        next: 'Start one with: patchbay serve   (or name another with --url or PATCHBAY_URL)',
        cause,
      })
    }
  }

  /** What a status of 400 and above means for the person at the terminal. */
  refusal(status: number, body: Json | undefined): CommandFailure {
    const message = messageIn(body) ?? `${this.url} answered with status ${status}.`
    if (status === 401 || status === 403) {
      return new CommandFailure(message, {
        code: EXIT.permission,
        next: 'Give the admin token with --token or PATCHBAY_ADMIN_TOKEN, a client key with --key or PATCHBAY_KEY. Both were printed when Patchbay first started.',
      })
    }
    const next = nextFor(codeIn(body))
    return new CommandFailure(message, compact({ code: codeOf(status), next }))
  }
}

function codeOf(status: number): ExitCode {
  return status === 502 || status === 503 || status === 504 ? EXIT.unavailable : EXIT.failure
}

/** The message of an error body: `{ error: { message } }`, or the plain `{ error: "..." }`. */
export function messageIn(body: Json | undefined): string | undefined {
  const error = isObject(body) ? body['error'] : undefined
  if (typeof error === 'string') return error
  const message = isObject(error) ? error['message'] : undefined
  return typeof message === 'string' ? message : undefined
}

function codeIn(body: Json | undefined): string | undefined {
  const error = isObject(body) ? body['error'] : undefined
  const code = isObject(error) ? error['code'] : undefined
  return typeof code === 'string' ? code : undefined
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ECONNREFUSED') return 'connection refused'
  if (code === 'UND_ERR_HEADERS_TIMEOUT') return 'no answer in time'
  return typeof code === 'string' ? code : 'connection failed'
}
