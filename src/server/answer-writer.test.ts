// A client that has gone is not waited for: a timer that outlives it would keep a stopped server alive.
import { Writable } from 'node:stream'
import { expect, it } from 'vitest'
import { AnswerWriter } from './answer-writer.ts'

it.each(['a short piece', 'x'.repeat(100_000)])(
  'waits for nothing once the client has gone',
  async (piece) => {
    const sink = new Writable({ write: () => undefined })
    sink.destroy()
    await new Promise((resolve) => sink.once('close', resolve))
    let timers = 0
    const after = (): (() => void) => {
      timers += 1
      return () => undefined
    }
    const patience = { writeStallMs: 60_000, bufferBytes: 64 * 1024 }
    const writer = new AnswerWriter(sink, { after, patience, stalled: () => undefined })
    await writer.write(piece)
    await writer.end()
    expect(timers).toBe(0)
  },
)
