// The deviations of compatible hosts, from fixtures of our own: what each is sent, and what its answers and failures are read as.
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { contextOf, failureOf } from '../../test/context.ts'
import { type FakeAnswer, type FakeTransport, fakeTransport } from '../../test/fake-transport.ts'
import type { Policy } from '../canonical/note.ts'
import { textOf } from '../canonical/part.ts'
import type { ChatResponse } from '../canonical/response.ts'
import { openaiChat } from '../dialects/openai-chat/dialect.ts'
import type { ChatExchange, ChatReply } from '../exchange/exchange.ts'
import { chatReply } from '../exchange/expected.ts'
import { type Json, ObjectReader, isArray, parseJson } from '../wire/json.ts'
import type { ProviderConfig } from './provider-config.ts'
import { builtinTypes } from './provider-types.ts'
import { wholeResponse } from './reply.ts'

const FOLDER = join(import.meta.dirname, 'fixtures')
const NOW = Date.UTC(2026, 0, 1, 12, 0, 0)
const PATH = '/v1/chat/completions'

/** One exchange with a host. What is absent is not looked at. */
interface HostCase {
  readonly name: string
  readonly type: string
  readonly reader: ObjectReader
}

const cases: readonly HostCase[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.json'))
  .flatMap((file) => {
    const list = parseJson(readFileSync(join(FOLDER, file), 'utf8'))
    return (isArray(list) ? list : []).map((value, at) => {
      const reader = ObjectReader.of(value, `${file}[${at}]`)
      const type = reader.optionalString('type') ?? file.slice(0, -'.json'.length)
      return { name: `${type}: ${reader.string('name')}`, type, reader }
    })
  })

interface Outcome {
  readonly transport: FakeTransport
  readonly exchange: ChatExchange
  readonly reply: Promise<ChatReply>
}

function play({ type, reader }: HostCase, source: 'with source' | 'without source'): Outcome {
  const lines = reader.optionalStrings('lines')
  const model = reader.string('model')
  const asked = reader.optionalObject('request')?.source ?? {
    messages: [{ role: 'user', content: 'Hi' }],
  }
  const streams = lines !== undefined && reader.optionalBoolean('whole') !== true
  const body: Json = { model, ...asked, ...(streams ? { stream: true } : {}) }
  const transport = fakeTransport(() => answerOf(reader, lines))
  const config: ProviderConfig = {
    providerType: type,
    name: 'host',
    apiKey: 'sk-canary',
    ...(type === 'azure' ? { baseUrl: 'https://mine.openai.azure.com' } : {}),
    ...(type === 'cloudflare'
      ? { baseUrl: 'https://api.cloudflare.com/client/v4/accounts/a/ai/v1' }
      : {}),
    settings: { dialects: ['openai-chat'] },
  }
  const provider = builtinTypes.get(type)?.(config, contextOf(transport, { nowMs: NOW }))
  if (provider === undefined) throw new Error(`there is no type ${type}`)
  const exchange: ChatExchange = {
    operation: 'chat',
    id: 'x',
    request: openaiChat.request.decode({ method: 'POST', path: PATH, headers: {}, body }),
    ...(source === 'with source'
      ? { source: { dialect: openaiChat.id, path: PATH, body, text: JSON.stringify(body) } }
      : {}),
    target: { provider: 'host', model },
    policy: policyOf(reader.optionalString('policy')),
    signal: new AbortController().signal,
  }
  return { transport, exchange, reply: provider.handle(exchange).then((it) => chatReply(it)) }
}

function answerOf(reader: ObjectReader, lines: readonly string[] | undefined): FakeAnswer {
  const headers = { ...reader.optionalObject('headers')?.source }
  const given = Object.entries(headers).map(([name, value]) => [name, String(value)])
  const type = lines === undefined ? 'application/json' : 'text/event-stream'
  const before = reader.optionalString('before') ?? ''
  const whole = JSON.stringify(reader.value('answer') ?? PLAIN)
  return {
    status: reader.optionalNumber('status') ?? 200,
    headers: { 'content-type': type, ...Object.fromEntries(given) },
    chunks: lines === undefined ? [before, whole] : lines.map((line) => `${line}\n\n`),
  }
}

const PLAIN = {
  id: 'c1',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
}

function policyOf(word: string | undefined): Policy {
  return word === 'lenient' ? 'lenient' : 'default'
}

/** In the words of the fixtures. */
function saidIn({ candidates, usage, model }: ChatResponse): Readonly<Record<string, unknown>> {
  const [candidate] = candidates
  const parts = candidate?.parts ?? []
  return {
    text: textOf(parts),
    thoughts: parts.flatMap((part) => (part.type === 'reasoning' ? [part.text] : [])).join(''),
    calls: parts.flatMap((part) =>
      part.type === 'tool-call' ? [`${part.name} ${part.arguments.text}`] : [],
    ),
    citations: parts.flatMap((part) =>
      part.type === 'text' ? (part.citations ?? []).flatMap(({ url }) => url ?? []) : [],
    ),
    finish: candidate?.finish?.reason,
    model,
    input: usage?.input?.total,
    output: usage?.output?.total,
    cached: usage?.input?.cacheRead,
    reasoning: usage?.output?.reasoning,
  }
}

describe('compatible hosts', () => {
  const sent = cases.filter(({ reader }) => reader.value('sent') !== undefined)
  it.each(sent.map((one) => [one.name, one] as const))('%s: what is sent', async (_, one) => {
    for (const source of ['with source', 'without source'] as const) {
      const { transport, reply } = play(one, source)
      const { notes } = await reply
      expect(transport.sent[0]?.json).toEqual(one.reader.value('sent'))
      const losses = notes.filter(({ weight }) => weight > 0)
      expect(losses.map(({ action, feature }) => `${action} ${feature}`).toSorted()).toEqual(
        one.reader.optionalStrings('notes') ?? [],
      )
    }
  })

  const answers = cases.filter(({ reader }) => reader.value('said') !== undefined)
  it.each(answers.map((one) => [one.name, one] as const))('%s: what is read', async (_, one) => {
    for (const source of ['with source', 'without source'] as const) {
      const { exchange, reply } = play(one, source)
      const response = await wholeResponse(await reply, exchange)
      expect(saidIn(response)).toMatchObject(one.reader.object('said').source)
    }
  })

  const failures = cases.filter(({ reader }) => reader.value('error') !== undefined)
  it.each(failures.map((one) => [one.name, one] as const))('%s: the failure', async (_, one) => {
    for (const source of ['with source', 'without source'] as const) {
      const { exchange, reply } = play(one, source)
      const failure = await failureOf(reply.then((it) => wholeResponse(it, exchange)))
      expect(failure).toMatchObject({ origin: 'upstream', ...one.reader.object('error').source })
      expect(String(failure)).not.toContain('sk-canary')
    }
  })

  it('have each fixture looked at', () => {
    const seen = new Set([...sent, ...answers, ...failures])
    expect(cases.filter((one) => !seen.has(one))).toEqual([])
    expect(cases.length).toBeGreaterThan(40)
  })
})
