// Who listens hears of the end of a reply exactly once, however it ends.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../canonical/errors.ts'
import type { ChatEvent } from '../canonical/event.ts'
import type { Reply } from './exchange.ts'
import { type Outcome, observed } from './observed.ts'
import { singly } from './singly.ts'

const ORIGIN = { dialect: 'library' }
const BROKEN = new GatewayError('upstream', 'broken', { origin: 'upstream' })
const START: ChatEvent = { type: 'response-start', origin: ORIGIN }
const USAGE: ChatEvent = { type: 'usage-update', usage: { output: { total: 3 } } }
const END: ChatEvent = { type: 'response-end' }

async function* of(events: readonly (ChatEvent | 'throw')[]): AsyncGenerator<ChatEvent> {
  for (const event of events) {
    if (event === 'throw') throw BROKEN
    yield event
  }
}

interface Heard {
  readonly outcomes: readonly Outcome[]
  readonly tokens: readonly (number | undefined)[]
}

/** Reads so many events, then leaves. */
async function heard(events: readonly (ChatEvent | 'throw')[], reads: number): Promise<Heard> {
  const outcomes: Outcome[] = []
  const tokens: (number | undefined)[] = []
  const reply = observed(
    { kind: 'stream', events: singly(of(events)), notes: [] },
    (outcome, usage) => {
      outcomes.push(outcome)
      tokens.push(usage?.output?.total)
    },
  )
  if (reply.kind !== 'stream') throw new Error('not a stream')
  let read = 0
  try {
    for await (const _ of reply.events) {
      read += 1
      if (read >= reads) break
    }
  } catch {
    // The reader's own affair.
  }
  return { outcomes, tokens }
}

describe('observed', () => {
  it('hears of a whole answer at once', () => {
    const outcomes: Outcome[] = []
    const response = { origin: ORIGIN, model: 'm', candidates: [] }
    const reply: Reply = { kind: 'whole', response, notes: [] }
    expect(observed(reply, (outcome) => outcomes.push(outcome))).toBe(reply)
    observed({ ...reply, response: { ...response, error: BROKEN } }, (outcome) =>
      outcomes.push(outcome),
    )
    expect(outcomes).toEqual([{ kind: 'succeeded' }, { kind: 'failed', error: BROKEN }])
  })

  it('hears of the end of a stream, with the counts', async () => {
    expect(await heard([START, USAGE, END], 10)).toEqual({
      outcomes: [{ kind: 'succeeded' }],
      tokens: [3],
    })
  })

  it('hears of an error event, and of a stream that throws', async () => {
    const told: ChatEvent = { type: 'error', error: BROKEN }
    const failed = [{ kind: 'failed', error: BROKEN }]
    expect((await heard([START, told], 10)).outcomes).toEqual(failed)
    expect((await heard([START, 'throw'], 10)).outcomes).toEqual(failed)
  })

  it('hears of a reader that left', async () => {
    expect((await heard([START, USAGE, END], 2)).outcomes).toEqual([{ kind: 'abandoned' }])
  })

  it('takes a cancelled call for one that was left', async () => {
    const cancelled = new GatewayError('cancelled', 'gone')
    const event: ChatEvent = { type: 'error', error: cancelled }
    expect((await heard([event], 10)).outcomes).toEqual([{ kind: 'abandoned' }])
  })

  it('hears exactly once, wherever the reader stops', async () => {
    const steps = fc.array(
      fc.constantFrom<ChatEvent | 'throw'>(
        START,
        USAGE,
        END,
        { type: 'error', error: BROKEN },
        'throw',
      ),
      { maxLength: 6 },
    )
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 8 }), async (events, reads) => {
        expect((await heard(events, reads)).outcomes).toHaveLength(1)
      }),
      { numRuns: 1000 },
    )
  })
})
