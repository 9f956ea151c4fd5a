// What calls without ids are named after: the answer they stand in.
import type { DecodeContext } from '../dialect.ts'

/** An answer without an id is known by its place in the conversation. */
export function answerSeed(responseId: string | undefined, { request }: DecodeContext): string {
  return responseId ?? `turn:${request.turns.length}`
}
