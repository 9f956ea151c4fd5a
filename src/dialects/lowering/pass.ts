// A lowering pass: a small pure rewrite of a request towards what a target can say, with a note for each change.
import type { Lowered, Note } from '../../canonical/note.ts'
import type { ChatRequest } from '../../canonical/request.ts'

/** Idempotent: a second run changes nothing and notes nothing. */
export type Pass = (request: ChatRequest) => Lowered<ChatRequest>

/** Runs passes one after the other and gathers their notes. */
export function runPasses(request: ChatRequest, passes: readonly Pass[]): Lowered<ChatRequest> {
  const notes: Note[] = []
  let value = request
  for (const pass of passes) {
    const lowered = pass(value)
    value = lowered.value
    if (lowered.notes.length > 0) notes.push(...lowered.notes)
  }
  return { value, notes }
}

/** What a pass answers when there is nothing to do. */
export function unchanged(request: ChatRequest): Lowered<ChatRequest> {
  return { value: request, notes: [] }
}
