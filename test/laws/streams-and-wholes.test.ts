// Laws 9 to 11: an answer says the same whole, as a stream, and as a stream whose parts came in any order.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { collect } from '../../src/canonical/collect.ts'
import type { ChatEvent } from '../../src/canonical/event.ts'
import { explode } from '../../src/canonical/explode.ts'
import type { Part, TextPart } from '../../src/canonical/part.ts'
import type { Candidate, ChatResponse } from '../../src/canonical/response.ts'
import { responseArbitrary } from '../../src/canonical/response.arbitrary.ts'
import {
  collected,
  decodeFrames,
  encodeStream,
  essence,
  jsonOf,
} from '../../src/dialects/dialect.contract.ts'
import { omit } from '../../src/dialects/lowering/rewrite.ts'
import type { Dialect } from '../../src/dialects/dialect.ts'
import { type Json, isObject } from '../../src/wire/json.ts'
import { RUNS, answered, decoding, each, encoding, streamed } from './ground.ts'
import { wires } from './wires.ts'

/** An answer that a provider could give: calls have names and ids of their own, media are not empty, nor what is cited. */
const responses: fc.Arbitrary<ChatResponse> = responseArbitrary.map((response) => ({
  ...response,
  model: 'made',
  candidates: response.candidates.map((candidate) => ({
    ...candidate,
    parts: candidate.parts
      .map((part, at) => possible(part, `${candidate.index}_${at}`))
      .map((part, at, all) => (part.type === 'text' && at < all.length - 1 ? uncited(part) : part)),
  })),
}))

/** Gemini tells sources with its last chunk, when only the last text can still take them. */
function uncited(part: TextPart): Part {
  return omit(part, ['citations'])
}

function possible(part: Part, place: string): Part {
  switch (part.type) {
    case 'tool-call':
      return { ...part, name: `f${place}`, callId: `call_${place}` }
    case 'image':
    case 'audio':
      return { ...part, source: { kind: 'base64', data: 'AAAA' } }
    case 'text':
      return part.citations === undefined ? part : { ...part, text: `${part.text}.` }
    default:
      return part
  }
}

/** Parts with the pieces that each comes in, and the order in which the pieces come. */
const interleaved = fc
  .array(
    fc.tuple(
      fc.constantFrom('text' as const, 'reasoning' as const, 'tool-call' as const),
      fc.array(fc.string({ minLength: 1, maxLength: 4 }), { maxLength: 3 }),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .chain((parts) => {
    const turns = parts.flatMap(([, pieces], index) => pieces.map(() => index))
    const order = fc.shuffledSubarray(turns, { minLength: turns.length })
    return fc.record({ parts: fc.constant(parts), order })
  })

function partOf(type: 'text' | 'reasoning' | 'tool-call', at: number): Part {
  if (type !== 'tool-call') return { type, text: '' }
  const call = { type, kind: 'custom' as const, name: `f${at}`, callId: `call_${at}` }
  return { ...call, arguments: { text: '' } }
}

type Plan = typeof interleaved extends fc.Arbitrary<infer T> ? T : never

/** The same parts with their pieces one after the other, and in their order. */
function eventsOf({ parts, order }: Plan): readonly ChatEvent[] {
  const told = parts.map(() => 0)
  const start: ChatEvent = { type: 'response-start', origin: { dialect: 'away' }, model: 'm' }
  return [
    start,
    ...parts.map(([type], index): ChatEvent => ({
      type: 'part-start',
      index,
      candidate: 0,
      part: partOf(type, index),
    })),
    ...order.map((index): ChatEvent => {
      const text = parts[index]?.[1][told[index] ?? 0] ?? ''
      told[index] = (told[index] ?? 0) + 1
      return { type: 'part-delta', index, delta: { kind: 'text', text } }
    }),
    ...parts.map((_, index): ChatEvent => ({ type: 'part-end', index })),
    { type: 'candidate-end', candidate: 0, finish: { reason: 'stop' } },
    { type: 'response-end' },
  ]
}

/** What everyone can read of an answer, kind by kind. */
function gist(response: ChatResponse): {
  readonly text: string
  readonly reasoning: string
  readonly calls: unknown
} {
  const parts = response.candidates.flatMap((candidate) => candidate.parts)
  return {
    text: parts.map((part) => (part.type === 'text' ? part.text : '')).join(''),
    reasoning: parts.map((part) => (part.type === 'reasoning' ? part.text : '')).join(''),
    calls: parts.flatMap((part) =>
      part.type === 'tool-call' ? [[part.name, part.arguments.text]] : [],
    ),
  }
}

/** What a candidate says, its neighbours of one kind as one; wires without an order of kinds are read kind by kind. */
function toldBy({ index, parts, finish, logprobs = [] }: Candidate, ordered: boolean): unknown {
  const said: [kind: string, text: string][] = []
  const others: string[] = []
  for (const part of parts) {
    if (part.type !== 'text' && part.type !== 'refusal' && part.type !== 'reasoning') {
      // Text that is no JSON has no form as an object: each wire says it as it can.
      const { callId, name, json } =
        part.type === 'tool-call'
          ? { ...part, ...part.arguments }
          : { callId: '', name: '', json: part.type }
      const value = isObject(json) && Object.keys(json).join() !== 'value' ? json : 'no object'
      others.push(JSON.stringify([callId, name, value]))
      continue
    }
    const known = ordered ? said.at(-1) : said.find(([kind]) => kind === part.type)
    if (known?.[0] === part.type) known[1] += part.text
    else if (part.text !== '') said.push([part.type, part.text])
  }
  return {
    index,
    said: ordered ? said : said.toSorted(([left], [right]) => left.localeCompare(right)),
    // Chat has one place for sound.
    others: ordered ? others : [...new Set(others)].toSorted(),
    citations: parts.flatMap((part) =>
      part.type === 'text' ? (part.citations ?? []).map(({ url }) => url) : [],
    ),
    seals: parts.flatMap(({ seal }) => (seal === undefined ? [] : [seal.payload])),
    finish: finish?.reason,
    logprobs: logprobs.map(({ token }) => token).toSorted(),
  }
}

const ORDERED: ReadonlySet<string> = new Set(['anthropic-messages', 'openai-responses', 'gemini'])

function told(response: ChatResponse, { id }: Dialect): unknown {
  const { input, output } = response.usage ?? {}
  return {
    candidates: response.candidates.map((candidate) => toldBy(candidate, ORDERED.has(id))),
    counts: [input?.total ?? 0, output?.total ?? 0, input?.cacheRead, output?.reasoning],
  }
}

/** Wires whose answers are blocks or items, one after the other. */
const BLOCKS: Readonly<Record<string, (value: Json) => readonly [Json, string] | undefined>> = {
  'anthropic-messages': (value) => {
    if (!isObject(value) || value['index'] === undefined) return undefined
    return [value['index'], String(value['type']).replace('content_block_', '')]
  },
  'openai-responses': (value) => {
    if (!isObject(value) || value['output_index'] === undefined) return undefined
    const type = String(value['type'])
    const word = type.endsWith('output_item.added')
      ? 'start'
      : type.endsWith('output_item.done')
        ? 'stop'
        : 'delta'
    return [value['output_index'], word]
  },
}

each('answers of $id', (to) => {
  it('9: a stream of the vendor amounts to the answer that it gives whole', () => {
    fc.assert(
      fc.property(
        wires[to.id]?.pairs ?? fc.constant({ whole: {}, stream: [] }),
        ({ whole, stream }) => {
          const frames = stream.map((event) => ({ data: JSON.stringify(event) }))
          const read = collected(to, decodeFrames(to, frames, decoding(to)))
          const once = to.response.decode({ status: 200, headers: {}, body: whole }, decoding(to))
          expect(essence(read)).toEqual(essence(once))
        },
      ),
      RUNS,
    )
  })

  it('10: as a stream an answer loses what it loses whole, and in the model it loses nothing', () => {
    fc.assert(
      fc.property(responses, (response) => {
        expect(
          collect({ origin: response.origin, model: response.model }, explode(response)),
        ).toEqual(response)
        const { status } = to.response.encode(response, encoding(to)).value
        if (status !== 200 || response.candidates.length === 0) return
        expect(told(streamed(response, to), to)).toEqual(told(answered(response, to), to))
      }),
      RUNS,
    )
  })

  it('11: parts whose pieces come in any order make the same answer, and blocks come one after the other', () => {
    fc.assert(
      fc.property(interleaved, (plan) => {
        const mixed = eventsOf(plan)
        const straight = eventsOf({
          ...plan,
          order: plan.order.toSorted((left, right) => left - right),
        })
        const empty = { origin: { dialect: 'away' }, model: 'm' }
        expect(collect(empty, mixed)).toEqual(collect(empty, straight))
        const frames = encodeStream(to, mixed, encoding(to))
        const blocks = jsonOf(frames).flatMap((value) => {
          const block = BLOCKS[to.id]?.(value)
          return block === undefined ? [] : [block]
        })
        let open: Json | undefined
        let next = 0
        for (const [index, word] of blocks) {
          expect([index, word === 'start']).toEqual([open ?? next, open === undefined])
          if (word === 'start') open = index
          if (word === 'stop') {
            open = undefined
            next += 1
          }
        }
        if (BLOCKS[to.id] === undefined) return
        const read = collected(to, decodeFrames(to, frames, decoding(to)))
        const { text, reasoning } = gist(collect(empty, straight))
        expect(gist(read)).toMatchObject({ text, reasoning })
        expect(gist(read)).toEqual(
          gist(
            collected(to, decodeFrames(to, encodeStream(to, straight, encoding(to)), decoding(to))),
          ),
        )
      }),
      RUNS,
    )
  })
})
