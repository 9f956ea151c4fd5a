// Six fake providers, one a protocol, that answer with this project's own fixtures and remember what they were asked.
import { textOf } from '../src/canonical/part.ts'
import type { ChatRequest } from '../src/canonical/request.ts'
import type { Dialect } from '../src/dialects/dialect.ts'
import { dialects } from '../src/dialects/registry.ts'
import type { ProviderConfig } from '../src/providers/provider-config.ts'
import { CONTENT_TYPES } from '../src/wire/framing.ts'
import {
  type FakeUpstream,
  type ScriptedReply,
  type SeenRequest,
  openUpstream,
} from './fake-upstream.ts'
import { type Fixture, fixturesOf } from './fixtures.ts'

export interface DialectUpstreams {
  /** One a dialect, each named as its dialect. */
  readonly providers: readonly ProviderConfig[]
  /** The body of the latest chat that the provider saw. */
  lastBody(dialect: string): SeenRequest['json']
  /** The same as its dialect reads it. */
  lastRequest(dialect: string): ChatRequest
  close(): Promise<void>
}

/** Where a client of the protocol has its base. */
const BASES: Readonly<Record<string, string>> = {
  'openai-chat': '/v1',
  'openai-responses': '/v1',
  gemini: '/v1beta',
  'mistral-chat': '/v1',
}

export async function openDialectUpstreams(): Promise<DialectUpstreams> {
  const upstreams = new Map<string, FakeUpstream>()
  for (const dialect of dialects) {
    const upstream = await openUpstream()
    const fixtures = new Map(fixturesOf(dialect.id).map((fixture) => [fixture.name, fixture]))
    upstream.answer((seen) => replyTo(seen, dialect, fixtures))
    upstreams.set(dialect.id, upstream)
  }
  const lastChat = (id: string): SeenRequest => {
    const seen = upstreams.get(id)?.requests.findLast(({ method }) => method === 'POST')
    if (seen === undefined) throw new Error(`${id} was not asked`)
    return seen
  }
  return {
    providers: dialects.map(({ id }) => ({
      providerType: 'custom',
      name: id,
      baseUrl: `${upstreams.get(id)?.url ?? ''}${BASES[id] ?? ''}`,
      models: ['tiny'],
      defaultModel: 'tiny',
      settings: { dialect: id, local: true },
    })),
    lastBody: (id) => lastChat(id).json,
    lastRequest: (id) => decoded(lastChat(id), dialectOf(id)),
    close: async () => {
      await Promise.all([...upstreams.values()].map((upstream) => upstream.close()))
    },
  }
}

function dialectOf(id: string): Dialect {
  const dialect = dialects.find((one) => one.id === id)
  if (dialect === undefined) throw new Error(`there is no dialect ${id}`)
  return dialect
}

function decoded({ method, path, json }: SeenRequest, dialect: Dialect): ChatRequest {
  const [bare = '', query = ''] = path.split('?')
  const wire = { method, path: bare, query: Object.fromEntries(new URLSearchParams(query)) }
  return dialect.request.decode({
    ...wire,
    headers: {},
    ...(json === undefined ? {} : { body: json }),
  })
}

/** A call where tools are offered and none has answered yet; thinking where it is asked for; else a text. */
function replyTo(
  seen: SeenRequest,
  dialect: Dialect,
  fixtures: ReadonlyMap<string, Fixture>,
): ScriptedReply {
  if (seen.method !== 'POST') return { chunks: ['{}'] }
  const request = decoded(seen, dialect)
  const fixture = fixtures.get(answerTo(request))
  if (fixture === undefined) throw new Error(`${dialect.id} has no such fixture`)
  if (!request.stream.enabled) return { chunks: [JSON.stringify(fixture.response)] }
  const type = CONTENT_TYPES[dialect.framing]
  return { headers: { 'content-type': type }, chunks: [fixture.stream ?? ''] }
}

function answerTo({ tools = [], turns, reasoning }: ChatRequest): string {
  const answered = turns.some(({ parts }) => parts.some((part) => part.type === 'tool-result'))
  if (tools.length > 0 && !answered) return 'tools'
  return reasoning?.effort === undefined &&
    reasoning?.mode !== 'on' &&
    reasoning?.budgetTokens === undefined
    ? 'text'
    : 'thinking'
}

/** A conversation in a line a turn: who, and what was said. */
export function linesOf({ turns }: ChatRequest): readonly string[] {
  return turns.map(({ role, parts }) => {
    const said = parts.map((part) => {
      switch (part.type) {
        case 'text':
          return part.text
        case 'tool-call':
          return `calls ${part.name}`
        case 'tool-result':
          return `returns ${textOf(part.content)}`
        default:
          return part.type
      }
    })
    return `${role}: ${said.join(' | ')}`
  })
}
