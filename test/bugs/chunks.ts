// Chunks of a stream in OpenAI's chat protocol, as hosts send them.
import type { Json, JsonObject } from '../../src/wire/json.ts'

const HEAD = { id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'model-x' }

/** One choice's delta. */
export function chunk(delta: JsonObject, finish: string | null = null): Json {
  return { ...HEAD, choices: [{ index: 0, delta, finish_reason: finish }] }
}

/** Pieces of tool calls. */
export function pieces(...entries: readonly JsonObject[]): Json {
  return chunk({ tool_calls: entries })
}

/** One piece: where it says to belong, and what it says. */
export function piece(where: JsonObject, name: string | undefined, text: string): Json {
  return pieces({
    ...where,
    function: { ...(name === undefined ? {} : { name }), arguments: text },
  })
}

export const DONE = 'data: [DONE]\n\n'
