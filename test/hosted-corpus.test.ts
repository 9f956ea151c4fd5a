// Recorded answers of models that searched, read pages and ran code, as clients of every wire get them, and as they send them back.
import { describe, expect, it } from 'vitest'
import { collect } from '../src/canonical/collect.ts'
import type { HostedWork } from '../src/canonical/hosted-work.ts'
import { textOf } from '../src/canonical/part.ts'
import type { ChatResponse } from '../src/canonical/response.ts'
import type { DecodeContext, Dialect } from '../src/dialects/dialect.ts'
import { decodeBytes, emptyRequest, plain } from '../src/dialects/dialect.contract.ts'
import { dialectById, dialects } from '../src/dialects/registry.ts'
import { type CorpusCase, corpusCases } from './corpus.ts'
import { nextRequest } from './matrix/replay.ts'
import { encoding, readRequest } from './matrix/translation.ts'

const FEATURES = ['web_search', 'web_fetch', 'code_execution', 'file_search', 'mcp']
const DIALECTS: Readonly<Record<string, string>> = {
  'chat.completions': 'openai-chat',
  responses: 'openai-responses',
  messages: 'anthropic-messages',
  generateContent: 'gemini',
  streamGenerateContent: 'gemini',
}
const FOLDERS = [
  'openai-chat',
  'openai-responses',
  'openai-compatible',
  'anthropic-messages',
  'gemini',
  'mistral',
]

const cases = FOLDERS.flatMap((folder) => corpusCases(folder)).filter(
  ({ api, features, status }) =>
    status === 200 && DIALECTS[api] !== undefined && FEATURES.some((one) => features.includes(one)),
)

function dialectOf({ api }: CorpusCase): Dialect {
  const dialect = dialectById(DIALECTS[api] ?? '')
  if (dialect === undefined) throw new Error(`no dialect speaks ${api}`)
  return dialect
}

function answerOf(one: CorpusCase): ChatResponse {
  const dialect = dialectOf(one)
  const context: DecodeContext = {
    request: emptyRequest(dialect.id),
    profile: { provider: 'recorded', flags: {} },
  }
  const { stream, response } = one
  if (stream === undefined) {
    return dialect.response.decode({ status: 200, headers: {}, body: response ?? null }, context)
  }
  const empty = { origin: { dialect: dialect.id }, model: 'm' }
  return collect(empty, decodeBytes(dialect, [stream], context))
}

function worksIn(answer: ChatResponse): readonly HostedWork[] {
  return answer.candidates
    .flatMap((candidate) => candidate.parts)
    .flatMap((part) => (part.type === 'opaque' && part.hosted !== undefined ? [part.hosted] : []))
}

describe.skipIf(cases.length === 0)('recorded work of hosted tools', () => {
  it('is of every kind', () => {
    const tools = new Set(cases.flatMap((one) => worksIn(answerOf(one)).map(({ tool }) => tool)))
    expect([...tools].toSorted()).toEqual(['code-execution', 'other', 'web-fetch', 'web-search'])
  })

  it.for(cases)('$name: every client gets the text, and no call of its own', (one) => {
    const answer = answerOf(one)
    const [said] = answer.candidates
    for (const to of dialects) {
      const { value, notes } = to.response.encode(answer, encoding(to))
      const heavy = notes.filter(({ weight }) => weight > 2)
      expect(heavy.filter(({ feature }) => feature !== 'finish_reason')).toEqual([])
      const body = plain(value.body) ?? null
      const back = to.response.decode(
        { ...value, body },
        { request: emptyRequest(to.id), profile: { provider: 'recorded', flags: {} } },
      )
      const [heard] = back.candidates
      expect(textOf(heard?.parts ?? [])).toBe(textOf(said?.parts ?? []))
      const called = said?.parts.some((part) => part.type === 'tool-call') === true
      expect(heard?.parts.some((part) => part.type === 'tool-call')).toBe(called)
    }
  })

  it.for(cases.filter((one) => worksIn(answerOf(one)).length > 0))(
    '$name: through a client of any wire it can be asked on at its maker, and elsewhere without its state',
    (one) => {
      const answer = answerOf(one)
      for (const front of dialects) {
        const { value } = front.response.encode(answer, encoding(front))
        const body = plain(nextRequest(front.id, plain(value.body) ?? null, [])) ?? null
        const request = readRequest(front, body, '')
        for (const to of dialects) {
          const own = to === dialectOf(one)
          const profile = { provider: own ? 'recorded' : 'another', flags: {} }
          const { value: lowered } = to.lower(request, profile)
          const said = JSON.stringify(to.request.encode(lowered, profile).body)
          if (front !== to) expect(said).not.toMatch(/hosted-work|aG9zdGVkLXdvcm/)
          if (!own && front !== to) expect(said).not.toMatch(/"encrypted_content":"E/)
        }
      }
    },
  )
})
