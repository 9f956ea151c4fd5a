// A server with providers of every standing that only pretend, and a client that remembers all that it was answered.
import { GatewayError } from '../src/canonical/errors.ts'
import { type JsonObject, isObject, parseJson } from '../src/wire/json.ts'
import { type OpenGateway, openGateway } from './open-gateway.ts'
import { CANARY_KEY, FakeProvider } from './server-fakes.ts'

export const MAX_BODY: number = 256 * 1024

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** An empty object where the body is not JSON. */
  readonly json: JsonObject
}

export interface Ask {
  readonly method?: string
  readonly key?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array<ArrayBuffer> | JsonObject
  readonly to?: OpenGateway
}

export class StaffedGateway {
  /** The default provider: local, free, and it tells what it was asked. */
  readonly home: FakeProvider = new FakeProvider({
    name: 'home',
    local: true,
    models: ['tiny', 'shared'],
  })
  /** Every body and header that came back. */
  readonly seen: string[] = []
  #opened: OpenGateway | undefined

  get open(): OpenGateway {
    if (this.#opened === undefined) throw new Error('the gateway has not been started')
    return this.#opened
  }

  async start(): Promise<void> {
    this.#opened = await openGateway({
      providers: [this.home, ...others()],
      config: {
        aliases: { fast: 'cloud/large', mine: 'home/tiny' },
        limits: { maxBodyBytes: MAX_BODY },
      },
    })
  }

  async close(): Promise<void> {
    await this.#opened?.close()
  }

  readonly ask = async (path: string, options: Ask = {}): Promise<Answer> => {
    const { key, headers = {}, body, to = this.open } = options
    const response = await fetch(`${to.url}${path}`, {
      method: options.method ?? (body === undefined ? 'GET' : 'POST'),
      headers: { ...(key === undefined ? {} : { authorization: `Bearer ${key}` }), ...headers },
      ...(body === undefined ? {} : { body: isBytes(body) ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    this.seen.push(text, JSON.stringify([...response.headers]))
    const json = text.startsWith('{') ? parseJson(text) : {}
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: isObject(json) ? json : {},
    }
  }

  /** Keys of providers and tokens of ours that stood in an answer. */
  leaks(): readonly string[] {
    const all = this.seen.join('\n')
    const { adminToken, clientKey } = this.open
    return [CANARY_KEY, adminToken, clientKey].filter((secret) => all.includes(secret))
  }
}

function isBytes(body: NonNullable<Ask['body']>): body is string | Uint8Array<ArrayBuffer> {
  return typeof body === 'string' || body instanceof Uint8Array
}

export function errorOf(answer: Answer): JsonObject {
  const { error } = answer.json
  return isObject(error) ? error : {}
}

function others(): readonly FakeProvider[] {
  return [
    new FakeProvider({
      name: 'cloud',
      local: false,
      models: ['large', 'shared', 'org/deep:1b'],
      defaultModel: 'large',
    }),
    new FakeProvider({ name: 'off', local: true, enabled: false, models: ['asleep'] }),
    new FakeProvider({
      name: 'down',
      local: true,
      listFailure: new Error('unreachable'),
      models: ['gone'],
      answer: async () => {
        throw new GatewayError('upstream', 'The provider "down" cannot be reached.', {
          origin: 'upstream',
          code: 'upstream_unreachable',
        })
      },
    }),
    new FakeProvider({
      name: 'shut',
      local: true,
      models: ['locked'],
      answer: async () => {
        throw new GatewayError('auth', 'The provider "shut" refused the key.', {
          origin: 'upstream',
        })
      },
    }),
  ]
}
