// The grammar of canonical events as an automaton, independent of what makes them.
import type { ChatEvent } from '../../src/canonical/event.ts'

/** The first thing that the grammar forbids; undefined where there is none. */
export function faultOf(events: readonly ChatEvent[]): string | undefined {
  const open = new Map<number, number>()
  const ended = new Set<number>()
  let parts = 0
  let state: 'before' | 'within' | 'over' = 'before'
  for (const event of events) {
    if (state === 'over') return `${event.type} after the end`
    switch (event.type) {
      case 'ping':
      case 'native':
      case 'usage-update':
        break
      case 'response-start':
        if (state !== 'before') return 'a second response-start'
        state = 'within'
        break
      case 'part-start':
        if (state === 'before') return 'a part before response-start'
        if (event.index !== parts) return `part ${event.index} where ${parts} was due`
        if (ended.has(event.candidate))
          return `a part of candidate ${event.candidate} after its end`
        open.set(event.index, event.candidate)
        parts += 1
        break
      case 'part-delta':
        if (!open.has(event.index)) return `a delta of part ${event.index}, which is not open`
        break
      case 'part-end':
        if (!open.delete(event.index)) return `the end of part ${event.index}, which is not open`
        break
      case 'logprobs':
        if (ended.has(event.candidate))
          return `logprobs of candidate ${event.candidate} after its end`
        break
      case 'candidate-end':
        if (ended.has(event.candidate)) return `candidate ${event.candidate} ends twice`
        if ([...open.values()].includes(event.candidate)) {
          return `candidate ${event.candidate} ends before its parts`
        }
        ended.add(event.candidate)
        break
      case 'response-end':
        if (state === 'before') return 'response-end before response-start'
        if (open.size > 0) return 'response-end while a part is open'
        state = 'over'
        break
      case 'error':
        state = 'over'
    }
  }
  return state === 'over' ? undefined : 'no end'
}
