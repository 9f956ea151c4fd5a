// Law 14: the official SDK of each protocol takes every stream that we write, and makes of it what it makes of the whole answer.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { explode } from '../../src/canonical/explode.ts'
import type { Part } from '../../src/canonical/part.ts'
import type { ChatResponse } from '../../src/canonical/response.ts'
import { responseArbitrary } from '../../src/canonical/response.arbitrary.ts'
import { judge } from '../../src/dialects/anthropic-messages/message-automaton.arbitrary.ts'
import type { Dialect } from '../../src/dialects/dialect.ts'
import { encodeStream } from '../../src/dialects/dialect.contract.ts'
import { faultsOfStream } from '../../src/dialects/mistral-chat/strict-client.contract.ts'
import type { Frame } from '../../src/wire/frame.ts'
import { CONTENT_TYPES, writeFrame } from '../../src/wire/framing.ts'
import { type Json, isObject, tryParseJson } from '../../src/wire/json.ts'
import { RUNS, each, encoding } from './ground.ts'
import { type Fetch, type Final, READERS } from './official-readers.ts'

/** Answers that a wire can hold: one candidate where it has one, calls whose arguments are objects. */
const responses: fc.Arbitrary<ChatResponse> = responseArbitrary.map((response) => ({
  ...response,
  model: 'made',
  candidates: response.candidates.slice(0, 1).map((candidate) => ({
    ...candidate,
    parts: candidate.parts.map((part, at): Part => {
      if (part.type === 'image' || part.type === 'audio') return { type: 'text', text: 'x' }
      if (part.type !== 'tool-call') return part
      const { json = {} } = part.arguments
      const said = { text: JSON.stringify(json), json }
      return { ...part, name: `f${at}`, callId: `call_${at}`, arguments: said }
    }),
  })),
}))

/** The first thing that the wire's own grammar forbids, told by its automaton. */
const FAULTS: Readonly<Record<string, (frames: readonly Frame[]) => unknown>> = {
  'anthropic-messages': (frames) => judge(frames).wrong,
  'mistral-chat': (frames) => faultsOfStream(frames).at(0),
  'openai-chat': (frames) =>
    inOrder(frames, (value, at) => {
      const choices = value['choices']
      if (!Array.isArray(choices)) return 'a chunk without choices'
      if (value['id'] === '' || value['error'] !== undefined)
        return 'a chunk without an id, or with an error'
      return at === 0 && !JSON.stringify(value).includes('"role":"assistant"')
        ? 'no role first'
        : undefined
    }),
  'openai-responses': (frames) =>
    inOrder(frames, (value, at) => {
      if (value['sequence_number'] !== at)
        return `number ${String(value['sequence_number'])} at ${at}`
      return at === 0 && value['type'] !== 'response.created' ? 'not created first' : undefined
    }),
  gemini: (frames) =>
    inOrder(frames, (value) =>
      Array.isArray(value['candidates']) ||
      value['promptFeedback'] !== undefined ||
      isObject(value['usageMetadata'])
        ? undefined
        : 'a chunk that says nothing',
    ),
  ollama: (frames) =>
    inOrder(frames, (value, at) => {
      const last = at === frames.length - 1
      return value['done'] === last ? undefined : `done is ${String(value['done'])} at ${at}`
    }),
}

function inOrder(
  frames: readonly Frame[],
  fault: (value: Readonly<Record<string, Json | undefined>>, at: number) => string | undefined,
): string | undefined {
  return frames
    .filter(({ data }) => data !== '' && data !== '[DONE]')
    .map(({ data }, at) => {
      const value = tryParseJson(data)
      return isObject(value) ? fault(value, at) : 'a frame that is no object'
    })
    .find((wrong) => wrong !== undefined)
}

function fetchOf(body: string, headers: Readonly<Record<string, string>>, status = 200): Fetch {
  return async () => new Response(body, { status, headers })
}

async function bothOf(to: Dialect, response: ChatResponse): Promise<readonly [Final, Final]> {
  const reader = READERS[to.id]
  if (reader === undefined) throw new Error(`no client of ${to.id}`)
  const wire = to.response.encode(response, encoding(to)).value
  const frames = encodeStream(to, [...explode(response)], encoding(to))
  expect(FAULTS[to.id]?.(frames)).toBeUndefined()
  const text = frames.map((frame) => writeFrame(to.framing, frame)).join('')
  const json = fetchOf(
    JSON.stringify(wire.body),
    { 'content-type': 'application/json' },
    wire.status,
  )
  const sse = fetchOf(text, { 'content-type': CONTENT_TYPES[to.framing] })
  return [await reader.whole(json), await reader.stream(sse)]
}

each('clients of $id', (to) => {
  it('14: the official parser takes every stream, and has at its end what it has of the whole answer', async () => {
    let read = 0
    await fc.assert(
      fc.asyncProperty(responses, async (response) => {
        if (response.candidates.length === 0) return
        if (to.response.encode(response, encoding(to)).value.status !== 200) return
        read += 1
        const [whole, stream] = await bothOf(to, response)
        expect(stream).toEqual(whole)
      }),
      RUNS,
    )
    expect(read).toBeGreaterThan(RUNS.numRuns / 2)
  })
})
