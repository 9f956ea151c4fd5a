// A gateway between clients of all six protocols and providers of all six, which all lead to one scripted upstream.
import { afterAll, beforeAll } from 'vitest'
import { collect } from '../../src/canonical/collect.ts'
import type { ChatResponse } from '../../src/canonical/response.ts'
import { decodeBytes, emptyRequest } from '../../src/dialects/dialect.contract.ts'
import type { ProviderConfig } from '../../src/providers/provider-config.ts'
import type { Frame } from '../../src/wire/frame.ts'
import { frameReader } from '../../src/wire/framing.ts'
import { type Json, type JsonObject, tryParseJson } from '../../src/wire/json.ts'
import { type FakeUpstream, type ScriptedReply, openUpstream } from '../fake-upstream.ts'
import { type OpenGateway, openGateway } from '../open-gateway.ts'
import { type Id, IDS, dialectOf } from './protocols.ts'
import { PONG, said } from './said.ts'

interface Ask {
  readonly from: Id
  /** A protocol's provider, or one of those given to `useSwitchboard`. */
  readonly to: string
  /** Without the model, which is put where the protocol has it. */
  readonly body: JsonObject
  /** Default: the word "pong", whole or streamed as asked. */
  readonly reply?: ScriptedReply
  /** The protocol of the usual answer, where the provider is not named by it. Default: OpenAI's. */
  readonly speaks?: Id
  readonly stream?: boolean
  readonly model?: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface Told {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Undefined where the answer is no JSON. */
  readonly json: Json | undefined
  /** Of a streamed answer. */
  readonly frames: readonly Frame[]
  /** The bodies that the upstream was asked with, in order. */
  readonly sent: readonly Json[]
  /** What its own protocol's decoder makes of the answer. */
  readonly heard: ChatResponse
}

export interface Switchboard {
  readonly url: string
  readonly key: string
  readonly upstream: FakeUpstream
  readonly opened: OpenGateway
  ask(ask: Ask): Promise<Told>
  close(): Promise<void>
}

/** Further providers need neither key nor place: they get the upstream's. */
export type MoreProvider = Pick<ProviderConfig, 'providerType' | 'name' | 'settings' | 'models'>

async function openSwitchboard(more: readonly MoreProvider[] = []): Promise<Switchboard> {
  const upstream = await openUpstream()
  const common = { apiKey: 'sk-upstream', models: [], defaultModel: 'model-x' }
  const opened = await openGateway({
    providers: [
      ...IDS.map((id) => ({ ...common, ...providerOf(id, upstream.url), name: id })),
      ...more.map((one) => ({ ...common, baseUrl: `${upstream.url}/v1`, ...one })),
    ],
  })
  const { url, clientKey: key } = opened
  return {
    url,
    key,
    upstream,
    opened,
    ask: (ask) => {
      // Each stands alone: a key that one refused is not refused for the next.
      opened.gateway.manager.keys.lift(ask.to, undefined, 'operator')
      return answered({ url, key, upstream }, ask)
    },
    close: async () => {
      await opened.close()
      await upstream.close()
    },
  }
}

/** One for the tests of a file. */
export function useSwitchboard(more: readonly MoreProvider[] = []): Pick<Switchboard, 'ask'> & {
  readonly open: () => Switchboard
} {
  let board: Switchboard | undefined
  beforeAll(async () => {
    board = await openSwitchboard(more)
  })
  afterAll(async () => {
    await board?.close()
  })
  const open = (): Switchboard => {
    if (board === undefined) throw new Error('The switchboard is not open yet.')
    return board
  }
  return { open, ask: (ask) => open().ask(ask) }
}

/** The provider that asks an upstream in this protocol alone. */
export function providerOf(
  id: Id,
  url: string,
): Pick<ProviderConfig, 'providerType' | 'settings' | 'baseUrl'> {
  return { ...TYPES[id], baseUrl: `${url}${BASES[id]}` }
}

/** The vendor's own row where there is one, asked in its first protocol alone. */
const TYPES: Readonly<Record<Id, Pick<ProviderConfig, 'providerType' | 'settings'>>> = {
  'openai-chat': { providerType: 'openai', settings: { dialects: ['openai-chat'] } },
  'openai-responses': { providerType: 'custom', settings: { dialect: 'openai-responses' } },
  'anthropic-messages': { providerType: 'anthropic' },
  gemini: { providerType: 'google' },
  'mistral-chat': { providerType: 'mistral' },
  ollama: { providerType: 'ollama', settings: { dialects: ['ollama'] } },
}

const BASES: Readonly<Record<Id, string>> = {
  'openai-chat': '/v1',
  'openai-responses': '/v1',
  'anthropic-messages': '',
  gemini: '/v1beta',
  'mistral-chat': '/v1',
  ollama: '',
}

const MODELS: Readonly<Record<Id, string>> = {
  'openai-chat': 'model-x',
  'openai-responses': 'model-x',
  'anthropic-messages': 'claude-sonnet-4-5',
  gemini: 'gemini-3-pro',
  'mistral-chat': 'mistral-large-latest',
  ollama: 'qwen3',
}

/** Where a client of the protocol asks, and its body with the model and the wish for a stream in their places. */
function callOf(ask: Ask): { readonly path: string; readonly body: JsonObject } {
  const { from, to, stream = false } = ask
  const known = IDS.find((id) => id === to)
  const model = `${to}/${ask.model ?? (known === undefined ? 'model-x' : MODELS[known])}`
  const body = { model, ...(stream ? { stream: true } : {}), ...ask.body }
  switch (from) {
    case 'openai-chat':
      return { path: '/openai/v1/chat/completions', body }
    case 'openai-responses':
      return { path: '/openai/v1/responses', body }
    case 'anthropic-messages':
      return { path: '/anthropic/v1/messages', body: { max_tokens: 1000, ...body } }
    case 'mistral-chat':
      return { path: '/mistral/v1/chat/completions', body }
    case 'ollama':
      return { path: '/ollama/api/chat', body: { ...body, stream } }
    case 'gemini': {
      const verb = stream ? 'streamGenerateContent?alt=sse' : 'generateContent'
      return { path: `/gemini/v1beta/models/${model}:${verb}`, body: ask.body }
    }
  }
}

async function answered(
  board: Pick<Switchboard, 'url' | 'key' | 'upstream'>,
  ask: Ask,
): Promise<Told> {
  const { from, to, stream = false } = ask
  const { path, body } = callOf(ask)
  const { upstream } = board
  const before = upstream.requests.length
  const asked = IDS.find((id) => id === to) ?? ask.speaks ?? 'openai-chat'
  const usual = said(asked, PONG, stream ? 'stream' : 'whole')
  upstream.answer(() => ask.reply ?? usual)
  const response = await fetch(`${board.url}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${board.key}`,
      ...ask.headers,
    },
    body: JSON.stringify(body),
  })
  const text = await response.text()
  const json = tryParseJson(text)
  const { status, headers } = response
  const isStream = /event-stream|ndjson/.test(headers.get('content-type') ?? '')
  const bytes = new TextEncoder().encode(text)
  const { framing } = dialectOf(from)
  const reader = frameReader(framing)
  return {
    status,
    headers,
    text,
    json,
    frames: isStream ? [...reader.write(bytes), ...reader.finish()] : [],
    sent: upstream.requests.slice(before).map((seen) => seen.json ?? null),
    get heard() {
      const dialect = dialectOf(from)
      const refused = { origin: { dialect: from }, model: 'm', candidates: [] }
      if (status !== 200) {
        const error = dialect.error.decode({
          status,
          headers: {},
          ...(json === undefined ? { text } : { body: json }),
        })
        return { ...refused, error }
      }
      const context = { request: emptyRequest(from), profile: { provider: 'client', flags: {} } }
      if (!isStream)
        return dialect.response.decode({ status, headers: {}, body: json ?? null }, context)
      const origin = { origin: { dialect: from }, model: 'm' }
      return collect(origin, decodeBytes(dialect, [bytes], context))
    },
  }
}

/** A value inside JSON, by keys and places: `choices.0.message`. */
export function dig(value: Json | undefined, path: string): Json | undefined {
  let here: unknown = value
  for (const key of path.split('.')) {
    here = typeof here === 'object' && here !== null ? Reflect.get(here, key) : undefined
  }
  return here === undefined ? undefined : tryParseJson(JSON.stringify(here))
}

/** The frames' JSON, without a terminator that is none. */
export function datas(told: Pick<Told, 'frames'>): readonly Json[] {
  return told.frames.flatMap(({ data }) => {
    const json = tryParseJson(data)
    return json === undefined ? [] : [json]
  })
}
