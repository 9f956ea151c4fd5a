// What a vendor's tool did, through a client of another wire and back: to its maker as it was, to anyone else in words.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { explode } from '../src/canonical/explode.ts'
import type { HostedWork } from '../src/canonical/hosted-work.ts'
import type { ChatResponse } from '../src/canonical/response.ts'
import type { Dialect } from '../src/dialects/dialect.ts'
import { emptyRequest, plain } from '../src/dialects/dialect.contract.ts'
import { dialectById, dialects } from '../src/dialects/registry.ts'
import { type Json, type JsonObject, isArray, isObject } from '../src/wire/json.ts'
import { nextRequest } from './matrix/replay.ts'
import { readRequest, translateAnswer, translateStream } from './matrix/translation.ts'

const RUNS = { numRuns: 1000 }
const SECRET = 'only-the-maker-reads-this'

interface Run {
  readonly id: number
  readonly text: string
  readonly failed: boolean
}

const runs: fc.Arbitrary<readonly Run[]> = fc.array(
  fc.record({
    id: fc.nat({ max: 999 }),
    text: fc.constantFrom('print(1)', 'été "x"', '👩‍🚀\n', 'rain'),
    failed: fc.boolean(),
  }),
  { minLength: 1, maxLength: 3 },
)

/** Pieces of an answer in each wire's own words, with what no other wire can say inside. */
const MAKERS: Readonly<Record<string, (run: Run, at: number) => readonly JsonObject[]>> = {
  'anthropic-messages': ({ id, text, failed }, at) => {
    const key = `srvtoolu_${at}_${id}`
    const hit = { type: 'web_search_result', url: 'https://a.example', title: text }
    const error = { type: 'web_search_tool_result_error', error_code: 'unavailable' }
    return [
      { type: 'server_tool_use', id: key, name: 'web_search', input: { query: text, [SECRET]: 1 } },
      {
        type: 'web_search_tool_result',
        tool_use_id: key,
        content: failed ? error : [{ ...hit, encrypted_content: SECRET, page_age: null }],
        secret: SECRET,
      },
    ]
  },
  'openai-responses': ({ id, text, failed }, at) => [
    {
      id: `ci_${at}_${id}`,
      type: 'code_interpreter_call',
      status: failed ? 'failed' : 'completed',
      container_id: SECRET,
      code: text,
      outputs: [{ type: 'logs', logs: text }],
    },
  ],
  gemini: ({ text, failed }) => [
    { executableCode: { language: 'PYTHON', code: text }, thoughtSignature: btoa(SECRET) },
    {
      codeExecutionResult: { outcome: failed ? 'OUTCOME_FAILED' : 'OUTCOME_OK', output: text },
      thoughtSignature: btoa(SECRET),
    },
  ],
}

const HISTORIES: Readonly<Record<string, (body: JsonObject) => Json | undefined>> = {
  'anthropic-messages': (body) => body['messages'],
  'openai-responses': (body) => body['input'],
  gemini: (body) => body['contents'],
}

function dialectOf(id: string): Dialect {
  const dialect = dialectById(id)
  if (dialect === undefined) throw new Error(`no dialect ${id}`)
  return dialect
}

function answerOf(maker: Dialect, pieces: readonly JsonObject[]): ChatResponse {
  const bodies: Readonly<Record<string, JsonObject>> = {
    'anthropic-messages': {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: [...pieces, { type: 'text', text: 'So it is.' }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 1, output_tokens: 1 },
    },
    'openai-responses': {
      id: 'resp_1',
      object: 'response',
      status: 'completed',
      usage: { input_tokens: 1, output_tokens: 1 },
      output: [
        ...pieces,
        {
          id: 'msg_1',
          type: 'message',
          role: 'assistant',
          status: 'completed',
          content: [{ type: 'output_text', text: 'So it is.', annotations: [] }],
        },
      ],
    },
    gemini: {
      usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1 },
      candidates: [
        {
          content: { role: 'model', parts: [...pieces, { text: 'So it is.' }] },
          finishReason: 'STOP',
        },
      ],
    },
  }
  return maker.response.decode(
    { status: 200, headers: {}, body: bodies[maker.id] ?? null },
    { request: emptyRequest(maker.id), profile: PROFILE },
  )
}

const PROFILE = { provider: 'maker', flags: {} }

/** The history that `front`'s client sends after the answer, as `to` gets it. */
function replayed(
  body: Json,
  { front, to, provider }: { front: Dialect; to: Dialect; provider: string },
): Json {
  const request = readRequest(front, plain(nextRequest(front.id, body, [])) ?? null, '')
  const { value } = to.lower(request, { provider, flags: {} })
  const said = plain(to.request.encode(value, { provider, flags: {} }).body)
  return isObject(said) ? (HISTORIES[to.id]?.(said) ?? said) : null
}

/** Every object of a tree. */
function objectsIn(value: Json | undefined): readonly JsonObject[] {
  if (isArray(value)) return value.flatMap((item) => objectsIn(item))
  if (!isObject(value)) return []
  return [value, ...Object.values(value).flatMap((item) => objectsIn(item))]
}

const works = Object.keys(MAKERS).flatMap((maker) =>
  Object.keys(MAKERS)
    .filter((front) => front !== maker)
    .map((front) => ({ maker: dialectOf(maker), front: dialectOf(front) })),
)
/** Gemini tells of searches beside the parts of an answer, and its clients do not send that back. */
const carried = works.filter(
  ({ maker, front }) => !(maker.id === 'anthropic-messages' && front.id === 'gemini'),
)

function holds(law: (runs: readonly Run[]) => void): void {
  fc.assert(fc.property(runs, law), RUNS)
}

function piecesOf(maker: Dialect, list: readonly Run[]): readonly JsonObject[] {
  return list.flatMap((run, at) => MAKERS[maker.id]?.(run, at) ?? [])
}

describe.each(carried)('work of $maker.id shown by $front.id', ({ maker, front }) => {
  it('comes back to its maker piece by piece as it was', () => {
    holds((list) => {
      const pieces = piecesOf(maker, list)
      const { body } = translateAnswer(answerOf(maker, pieces), front)
      const got = objectsIn(replayed(body, { front, to: maker, provider: 'maker' }))
      for (const piece of pieces) expect(got).toContainEqual(piece)
    })
  })

  it('goes to no one else, not even to another provider of the same wire', () => {
    const secrets = [SECRET, btoa(SECRET), 'pb1.', 'cGIxL']
    holds((list) => {
      const { body } = translateAnswer(answerOf(maker, piecesOf(maker, list)), front)
      for (const to of dialects) {
        const said = JSON.stringify(replayed(body, { front, to, provider: 'another' }))
        for (const secret of secrets) expect(said).not.toContain(secret)
        expect(said).toContain('So it is.')
      }
    })
  })
})

describe.each(works)('work of $maker.id for a client of $front.id', ({ maker, front }) => {
  it('is no call of the client, and leaves the text and the end as they are', () => {
    holds((list) => {
      const { back, notes } = translateAnswer(answerOf(maker, piecesOf(maker, list)), front)
      const [candidate] = back?.candidates ?? []
      expect(candidate?.finish?.reason).toBe('stop')
      const said = candidate?.parts.flatMap((part) => (part.type === 'text' ? [part.text] : []))
      expect(said?.join('')).toBe('So it is.')
      expect(notes.filter(({ weight }) => weight > 0)).toEqual([])
    })
  })

  it('is the same streamed as whole', () => {
    holds((list) => {
      const answer = answerOf(maker, piecesOf(maker, list))
      const whole = translateAnswer(answer, front).back
      const streamed = translateStream([...explode(answer)], front).back
      expect(shownIn(streamed)).toEqual(shownIn(whole))
      expect(shownIn(whole).length).toBeGreaterThan(0)
    })
  })
})

function shownIn(answer: ChatResponse | undefined): readonly HostedWork[] {
  const parts = answer?.candidates.flatMap((candidate) => candidate.parts) ?? []
  return parts.flatMap((part) =>
    part.type === 'opaque' && part.hosted !== undefined ? [part.hosted] : [],
  )
}
