// Response to events: a whole answer as the shortest stream that collects to the same response.
import type { ChatEvent } from './event.ts'
import type { ChatResponse } from './response.ts'

/** One part-start a part, each already whole. */
export function* explode(response: ChatResponse): Generator<ChatEvent> {
  const { candidates, usage, error, ...start } = response
  yield { type: 'response-start', ...start }
  let index = 0
  for (const candidate of candidates) {
    for (const part of candidate.parts) {
      yield { type: 'part-start', index, candidate: candidate.index, part }
      yield { type: 'part-end', index }
      index += 1
    }
    if (candidate.logprobs !== undefined) {
      yield { type: 'logprobs', candidate: candidate.index, logprobs: candidate.logprobs }
    }
    if (error === undefined) {
      yield {
        type: 'candidate-end',
        candidate: candidate.index,
        finish: candidate.finish ?? { reason: 'other' },
        ...(candidate.extensions === undefined ? {} : { extensions: candidate.extensions }),
      }
    }
  }
  if (usage !== undefined) yield { type: 'usage-update', usage }
  if (error === undefined) yield { type: 'response-end' }
  else yield { type: 'error', error }
}
