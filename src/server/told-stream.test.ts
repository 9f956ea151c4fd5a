// The stream in which an answer tells of itself: frames that hold it are changed, all other bytes pass, however they are cut.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { KeptAnswer } from '../canonical/kept-answer.ts'
import { keeping } from '../dialects/openai-responses/keeping.ts'
import type { AnswerStore } from '../store/answer-store.ts'
import { bytesOf, chunked } from '../wire/chunked.arbitrary.ts'
import { Shelf } from './shelf.ts'
import { Teller } from './teller.ts'
import { toldStream } from './told-stream.ts'

/** Remembers what it is given, where it takes it. */
class Notebook implements AnswerStore {
  readonly kept: KeptAnswer[] = []
  readonly #takes: () => boolean

  constructor(takes: () => boolean = () => true) {
    this.#takes = takes
  }

  async put(_owner: string, answer: KeptAnswer): Promise<boolean> {
    if (!this.#takes()) return false
    this.kept.push(answer)
    return true
  }

  async conversation(): Promise<{ readonly answers: readonly KeptAnswer[] }> {
    return { answers: [] }
  }

  async remove(): Promise<boolean> {
    return false
  }

  async find(): Promise<undefined> {}
  async holding(): Promise<undefined> {}
  async close(): Promise<void> {}
}

interface Setup {
  readonly store?: AnswerStore
  readonly signal?: AbortSignal
  readonly maxFrameBytes?: number
}

async function* piecesOf(
  pieces: readonly (string | Uint8Array)[],
): AsyncGenerator<string | Uint8Array> {
  yield* pieces
}

async function told(
  pieces: readonly (string | Uint8Array)[],
  { store = new Notebook(), signal = new AbortController().signal, ...more }: Setup = {},
): Promise<string> {
  const teller = new Teller({
    keeping,
    shelf: new Shelf({ keeping, store, owner: 'ann' }),
    recall: { keep: true, previous: 'resp_0' },
    requestId: 'req_1',
    body: { model: 'm', input: 'Hi' },
    signal,
  })
  const stream = toldStream(piecesOf(pieces), { keeping, framing: 'sse', teller, ...more })
  const chunks = await Array.fromAsync(stream)
  return new TextDecoder().decode(Buffer.concat(chunks))
}

function event(type: string, response: string): string {
  return `event: ${type}\ndata: {"type":"${type}","response":${response},"n":1e2}\n\n`
}

const THEIRS = '{"id":"resp_theirs","store":false,"previous_response_id":null,"output":[]}'
const OURS = '{"id":"resp_req_1","store":true,"previous_response_id":"resp_0","output":[]}'
const UNKEPT = OURS.replace('true', 'false')
const DELTA = `: a comment\r\n\r\nevent: x\r\ndata:{"delta" : "\\"response\\" é"}\r\n\r\n`

describe('the frames', () => {
  it('that hold the answer tell of it, and the last is kept as it is given', async () => {
    const store = new Notebook()
    const text = await told(
      [event('response.created', THEIRS), DELTA, event('response.completed', THEIRS)],
      { store },
    )
    expect(text).toBe(event('response.created', OURS) + DELTA + event('response.completed', OURS))
    expect(store.kept).toEqual([
      {
        id: 'resp_req_1',
        previous: 'resp_0',
        input: '[{"role":"user","content":"Hi"}]',
        answer: OURS,
        items: ['msg_req_1_in0'],
      },
    ])
  })

  it('come out the same, however the bytes are cut', async () => {
    const bytes = bytesOf(
      event('response.created', THEIRS) + DELTA + event('response.incomplete', THEIRS) + DELTA,
    )
    const whole = await told([bytes])
    await fc.assert(
      fc.asyncProperty(chunked(bytes), async (pieces) => {
        const store = new Notebook()
        expect(await told(pieces, { store })).toBe(whole)
        expect(store.kept).toHaveLength(1)
      }),
    )
  })

  it('need no closing break at the end', async () => {
    const store = new Notebook()
    const open = event('response.completed', THEIRS).trimEnd()
    expect(await told([open], { store })).toBe(event('response.completed', OURS))
    expect(store.kept).toHaveLength(1)
  })

  it('that are too long pass unread', async () => {
    const store = new Notebook()
    const long = event('response.completed', THEIRS.replace('[]', `["${'x'.repeat(500)}"]`))
    const pieces = [event('response.created', THEIRS), long.slice(0, 400), long.slice(400), DELTA]
    const text = await told(pieces, { store, maxFrameBytes: 300 })
    expect(text).toBe(event('response.created', OURS) + long + DELTA)
    expect(store.kept).toEqual([])
  })
})

describe('an answer that is not kept', () => {
  it('says so at its end, where the store does not take it or fails', async () => {
    const takers = [
      () => false,
      () => {
        throw new Error('the disk is full')
      },
    ]
    for (const takes of takers) {
      const text = await told([event('response.completed', THEIRS)], { store: new Notebook(takes) })
      expect(text).toBe(event('response.completed', UNKEPT))
    }
  })

  it('is one whose client has gone', async () => {
    const store = new Notebook()
    const signal = AbortSignal.abort()
    const text = await told([event('response.failed', THEIRS)], { store, signal })
    expect(text).toBe(event('response.failed', UNKEPT))
    expect(store.kept).toEqual([])
  })

  it('is one that was cut before its end', async () => {
    const store = new Notebook()
    await told([event('response.created', THEIRS), DELTA], { store })
    expect(store.kept).toEqual([])
  })
})

it('leaves its source when its reader leaves', async () => {
  let left = false
  async function* endless(): AsyncGenerator<string> {
    try {
      for (;;) yield DELTA
    } finally {
      left = true
    }
  }
  const teller = new Teller({
    keeping,
    shelf: new Shelf({ keeping, store: new Notebook(), owner: 'ann' }),
    recall: { keep: true },
    requestId: 'req_1',
    body: {},
    signal: new AbortController().signal,
  })
  for await (const _ of toldStream(endless(), { keeping, framing: 'sse', teller })) break
  expect(left).toBe(true)
})
