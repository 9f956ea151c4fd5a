// A gateway before six upstreams on 127.0.0.1, one a protocol, that answer with the recorded bytes of the exchange that a model's name says.
import { type FakeUpstream, type SeenRequest, openUpstream } from '../../fake-upstream.ts'
import type { ScriptedReply } from '../../fake-upstream.ts'
import { type OpenGateway, openGateway } from '../../open-gateway.ts'
import { type Json, isObject } from '../../../src/wire/json.ts'
import type { WireHeaders } from '../../../src/wire/message.ts'
import { type Recording, WAYS, providerOf } from './recording.ts'

export interface RecordedGateway {
  readonly opened: OpenGateway
  /** What the gateway asked that no recording answers. */
  readonly strays: readonly string[]
  /** The last request for a model, by the gateway's name for it. */
  heard(model: string): Json | undefined
  close(): Promise<void>
}

/** Where each protocol is asked for a chat, and how it is asked for a stream. */
interface Place {
  readonly path: RegExp
  readonly isStream: (seen: SeenRequest) => boolean
}

const PLACES: Readonly<Record<string, Place>> = {
  'openai-chat': { path: /\/chat\/completions$/, isStream: ({ json }) => flagOf(json) === true },
  'openai-responses': { path: /\/responses$/, isStream: ({ json }) => flagOf(json) === true },
  'anthropic-messages': { path: /\/v1\/messages$/, isStream: ({ json }) => flagOf(json) === true },
  gemini: {
    path: /\/models\/(?<model>[^/]+):(?:generateContent|streamGenerateContent\?alt=sse)$/,
    isStream: ({ path }) => path.includes(':streamGenerateContent'),
  },
  'mistral-chat': { path: /\/chat\/completions$/, isStream: ({ json }) => flagOf(json) === true },
  ollama: { path: /\/api\/chat$/, isStream: ({ json }) => flagOf(json) !== false },
}

function flagOf(body: SeenRequest['json']): unknown {
  return isObject(body) ? body['stream'] : undefined
}

export async function recordedGateway(all: readonly Recording[]): Promise<RecordedGateway> {
  const strays: string[] = []
  const heard = new Map<string, Json | undefined>()
  const upstreams = new Map<string, FakeUpstream>()
  for (const protocol of new Set(all.map((one) => one.protocol))) {
    const own = all.filter((one) => one.protocol === protocol)
    const byName = new Map(own.map((one) => [`${one.provider} ${one.title}`, one]))
    const upstream = await openUpstream()
    upstream.answer((seen) => {
      const asked = askedIn(seen, PLACES[protocol])
      const found = played(asked, byName)
      if (typeof found !== 'string') {
        heard.set(asked.model, seen.json)
        return found
      }
      strays.push(`${protocol}: ${found}`)
      return { status: 400, chunks: [JSON.stringify({ error: { message: found } })] }
    })
    upstreams.set(protocol, upstream)
  }
  const providers = new Map(all.map((one) => [one.provider, one]))
  const opened = await openGateway({
    providers: [...providers.values()].flatMap((one) =>
      WAYS.map((way) => providerOf(one, upstreams.get(one.protocol)?.url ?? '', way)),
    ),
  })
  return {
    opened,
    strays,
    heard: (model) => heard.get(model),
    close: async () => {
      await opened.close()
      for (const upstream of upstreams.values()) await upstream.close()
    },
  }
}

interface Asked {
  /** The gateway's name for it; empty where it is no chat that was asked for. */
  readonly model: string
  readonly isStream: boolean
}

/** The folder in the path says the provider. */
function askedIn(seen: SeenRequest, place: Place | undefined): Asked {
  const at = place?.path.exec(seen.path)
  if (at === undefined || at === null) return { model: '', isStream: false }
  const inBody = isObject(seen.json) ? seen.json['model'] : undefined
  const model = decodeURIComponent(at.groups?.['model'] ?? String(inBody))
  const [, provider = ''] = seen.path.split('/')
  return { model: `${provider}/${model}`, isStream: place?.isStream(seen) === true }
}

/** The recorded reply, or why there is none. */
function played(
  { model, isStream }: Asked,
  byName: ReadonlyMap<string, Recording>,
): ScriptedReply | string {
  const { provider = '', title = '' } = NAME.exec(model)?.groups ?? {}
  const one = byName.get(`${provider} ${title}`)
  if (one === undefined) return `no recording: ${model}`
  if (one.status === 200 && one.stream !== undefined && !isStream) return `no stream: ${model}`
  return replyOf(one)
}

/** As `modelOf` makes it. */
const NAME = /^(?<provider>[^/]+)\.(?:passed|printed)\/.*--(?<title>.+)--\w+$/

function replyOf(one: Recording): ScriptedReply {
  const type =
    one.stream === undefined
      ? 'application/json'
      : one.protocol === 'ollama'
        ? 'application/x-ndjson'
        : 'text/event-stream'
  const bytes = one.stream ?? new TextEncoder().encode(one.responseText ?? '')
  return {
    status: one.status,
    headers: { 'content-type': type, ...without(one.responseHeaders, HOPS) },
    chunks: cut(bytes, one.reads ?? []),
  }
}

/** Of the connection that was recorded, and of bytes that were then packed. */
const HOPS = new Set(['connection', 'content-encoding', 'content-length', 'transfer-encoding'])

function without(headers: WireHeaders, names: ReadonlySet<string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.has(name)))
}

/** In the pieces in which it was read; what is over comes last. */
function cut(bytes: Uint8Array, reads: readonly number[]): readonly Uint8Array[] {
  let at = 0
  const pieces = reads.map((length) => {
    at += length
    return bytes.subarray(at - length, at)
  })
  return [...pieces, bytes.subarray(at)].filter(({ length }) => length > 0)
}
