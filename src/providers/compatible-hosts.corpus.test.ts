// Recorded traffic of compatible hosts through their own rows: requests go out as the host took them, answers are read right.
import { describe, expect, it } from 'vitest'
import { contextOf, failureOf } from '../../test/context.ts'
import { compatibleHosts, customHost } from '../../test/compatible-hosts.ts'
import { type CorpusCase, corpusCases } from '../../test/corpus.ts'
import { type FakeAnswer, type FakeTransport, fakeTransport } from '../../test/fake-transport.ts'
import { type Said, chatSaid } from '../../test/said.ts'
import { GatewayError } from '../canonical/errors.ts'
import type { Note } from '../canonical/note.ts'
import { textOf } from '../canonical/part.ts'
import type { ChatResponse } from '../canonical/response.ts'
import { dialectById } from '../dialects/registry.ts'
import type { ChatExchange } from '../exchange/exchange.ts'
import { chatReply } from '../exchange/expected.ts'
import { type Json, ObjectReader, equalJson, isObject } from '../wire/json.ts'
import { HttpProvider } from './http-provider.ts'
import type { ProviderConfig } from './provider-config.ts'
import { builtinTypes } from './provider-types.ts'
import { wholeResponse } from './reply.ts'

const KEY = 'sk-canary-0123456789'

const DIALECTS: Readonly<Record<string, { readonly id: string; readonly path: string }>> = {
  'chat.completions': { id: 'openai-chat', path: '/chat/completions' },
  responses: { id: 'openai-responses', path: '/responses' },
  messages: { id: 'anthropic-messages', path: '/v1/messages' },
}

const all = corpusCases('openai-compatible')
const chats = all.filter((one) => DIALECTS[one.api] !== undefined)
const answered = chats.filter((one) => one.status === 200)

function folderOf(one: CorpusCase): string {
  return one.name.split('/')[1] ?? ''
}

interface Setup {
  readonly provider: HttpProvider
  readonly transport: FakeTransport
  readonly exchange: ChatExchange
}

/** `canonical`: as if the request had not come in its own dialect's text. */
function setup(one: CorpusCase, from: 'client' | 'canonical' = 'client'): Setup {
  const folder = folderOf(one)
  const { id = 'openai-chat', path = '' } = DIALECTS[one.api] ?? {}
  const host = compatibleHosts[folder] ?? customHost('https://unknown.example/v1')
  const transport = fakeTransport(() => replay(one))
  const baseUrl = folder === 'azure-openai' ? azureUrl(one) : host.baseUrl
  const config: ProviderConfig = {
    ...host,
    name: folder,
    apiKey: KEY,
    ...(baseUrl === undefined ? {} : { baseUrl }),
    ...(DIALECTS[one.api] === undefined ? {} : { settings: { ...host.settings, dialects: [id] } }),
  }
  const provider = builtinTypes.get(host.providerType)?.(config, contextOf(transport))
  if (!(provider instanceof HttpProvider)) throw new Error(`${folder} is no HTTP provider`)
  const stream = one.stream !== undefined
  const body = one.request ?? { model: 'm', stream, messages: [], input: '' }
  const request = dialectById(id)?.request.decode({ method: 'POST', path, headers: {}, body })
  if (request === undefined) throw new Error(`there is no dialect ${id}`)
  const source = { dialect: id, path, body, text: JSON.stringify(body) }
  const exchange: ChatExchange = {
    operation: 'chat',
    id: 'x',
    request,
    ...(from === 'client' ? { source } : {}),
    target: { provider: folder, model: request.model },
    policy: 'default',
    signal: new AbortController().signal,
  }
  return { provider, transport, exchange }
}

/** Three surfaces of one vendor. */
function azureUrl({ path }: CorpusCase): string {
  const place = /^(?:\/models|\/openai\/deployments\/[^/]+)(?=\/chat)/.exec(path)?.[0] ?? ''
  return `https://mine.openai.azure.com${place}`
}

function replay(one: CorpusCase): FakeAnswer {
  const type = one.stream === undefined ? 'application/json' : 'text/event-stream'
  return {
    status: one.status,
    headers: { 'content-type': type, ...one.responseHeaders },
    chunks: [one.stream ?? one.responseText ?? ''],
  }
}

function recordedText(one: CorpusCase): string {
  return one.stream === undefined ? (one.responseText ?? '') : new TextDecoder().decode(one.stream)
}

async function answerOf(one: CorpusCase): Promise<ChatResponse> {
  const { provider, exchange } = setup(one, 'canonical')
  return wholeResponse(chatReply(await provider.handle(exchange)), exchange)
}

/** Where a row knows better than the client that was recorded, or names as lost what the host passed over in silence. */
const ADJUSTED: readonly { readonly folder: RegExp; readonly changes: readonly string[] }[] = [
  // Usage is asked for where the client had not asked: the answer to that never reaches it.
  { folder: /./, changes: ['stream_options'] },
  // It would go on generating for a client that left.
  { folder: /^llamacpp$/, changes: ['stream'] },
  {
    folder: /^deepseek$/,
    changes: ['thinking', 'seed', 'dropped seed', 'tools', 'dropped strict'],
  },
  // The recorded client spelled its thoughts in two fields; the server reads one.
  { folder: /^ollama/, changes: ['messages'] },
  // Effort is no more than a switch for this model.
  { folder: /^zai$/, changes: ['reasoning_effort', 'thinking', 'approximated reasoning_effort'] },
]

/** Keys of the body that differ, and losses that were noted. */
function changesOf(recorded: Json, sent: Json, notes: readonly Note[]): readonly string[] {
  if (!isObject(recorded) || !isObject(sent)) return ['body']
  const keys = new Set([...Object.keys(recorded), ...Object.keys(sent)])
  const losses = notes.filter(({ weight }) => weight > 0)
  return [
    ...[...keys].filter((key) => !equalJson(recorded[key], sent[key])),
    ...new Set(losses.map(({ action, feature }) => `${action} ${feature}`)),
  ]
}

const KINDS: Readonly<Record<number, readonly string[]>> = {
  400: ['invalid_request', 'context_length'],
  401: ['auth'],
  403: ['permission', 'content_policy'],
  404: ['not_found'],
  429: ['rate_limit'],
}

describe.skipIf(all.length === 0)('recorded traffic of compatible hosts', () => {
  it('has a configuration for every folder', () => {
    const folders = [...new Set(all.map((one) => folderOf(one)))]
    expect(folders.toSorted()).toEqual(Object.keys(compatibleHosts).toSorted())
  })

  const asked = answered.filter((one) => one.request !== undefined)
  it.for(asked)('$name: goes where the host has it, as the host took it', async (one) => {
    const { provider, transport, exchange } = setup(one)
    const reply = await provider.handle(exchange)
    const [sent] = transport.sent
    expect(sent?.url.pathname).toBe(one.path)
    const allowed = ADJUSTED.filter(({ folder }) => folder.test(folderOf(one)))
    const changes = changesOf(one.request ?? null, sent?.json ?? null, reply.notes)
    expect(allowed.flatMap((one) => one.changes)).toEqual(expect.arrayContaining([...changes]))
  })

  it.for(asked)('$name: the canonical form says the same as the client', async (one) => {
    const bodies: unknown[] = []
    for (const from of ['client', 'canonical'] as const) {
      const { provider, transport, exchange } = setup(one, from)
      await provider.handle(exchange)
      bodies.push(transport.sent[0]?.json)
    }
    expect(bodies[1]).toEqual(bodies[0])
  })

  const whole = answered.filter((one) => !one.features.includes('error_in_stream'))
  it.for(whole.filter((one) => one.api === 'chat.completions'))(
    '$name: text, thoughts and calls are read as they stand, and every token is counted',
    async (one) => {
      const { candidates, usage } = await answerOf(one)
      const parts = candidates[0]?.parts ?? []
      const thoughts = parts.flatMap((part) => (part.type === 'reasoning' ? [part.text] : []))
      const read: Said = {
        text: textOf(parts),
        thoughts: thoughts.join(''),
        calls: parts.flatMap((part) =>
          part.type === 'tool-call' ? [`${part.name} ${part.arguments.text}`] : [],
        ),
        total:
          usage === undefined ? undefined : (usage.input?.total ?? 0) + (usage.output?.total ?? 0),
      }
      expect(read).toEqual(chatSaid(recordedText(one)))
    },
  )

  it.for(whole)('$name: the answer ends as its parts show', async (one) => {
    const { candidates, usage, model } = await answerOf(one)
    const [candidate] = candidates
    const kinds = (candidate?.parts ?? []).map(({ type }) => type)
    expect(kinds.length).toBeGreaterThan(0)
    expect(candidate?.finish?.reason).toMatch(
      kinds.includes('tool-call') ? /^(?:tool-calls|length)$/ : /^(?!tool-calls)/,
    )
    expect(model).not.toBe('')
    if (one.features.includes('usage_in_stream')) expect(usage).toBeDefined()
    if (one.features.includes('cached_tokens')) expect(usage?.input?.cacheRead).toBeDefined()
  })

  it.for(answered.filter((one) => one.features.includes('error_in_stream')))(
    '$name: a failure inside the stream is one',
    async (one) => {
      expect(await failureOf(answerOf(one))).toMatchObject({ origin: 'upstream' })
    },
  )

  it.for(chats.filter((one) => one.status !== 200))(
    '$name: the refusal has the kind of its status, and no key',
    async (one) => {
      const { provider, exchange } = setup(one)
      const failure = await failureOf(provider.handle(exchange))
      expect(failure).toMatchObject({ origin: 'upstream', upstream: { status: one.status } })
      expect(KINDS[one.status]).toContain(failure instanceof GatewayError ? failure.kind : '')
      expect(failure).toHaveProperty('message', expect.stringMatching(/\w{3}/))
      expect(String(failure)).not.toContain(KEY)
    },
  )

  it.for(all.filter((one) => one.api === 'models'))('$name: every model is listed', async (one) => {
    const { provider, transport } = setup(one)
    const listed = ObjectReader.of(one.response ?? null, '').items('data')
    expect(await provider.describeModels()).toHaveLength(listed.length)
    expect(transport.sent[0]?.url.pathname).toBe(one.path)
  })
})
