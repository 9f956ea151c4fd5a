// Stored answers and requests that stand on them, for the tests of keeping.
import { compact } from '../../canonical/compact.ts'
import type { KeptAnswer } from '../../canonical/kept-answer.ts'
import type { Json, JsonObject } from '../../wire/json.ts'
import type { openaiResponses } from './dialect.ts'
import { keeping } from './keeping.ts'

export function message(text: string, id: string): JsonObject {
  return {
    type: 'message',
    id,
    status: 'completed',
    role: 'assistant',
    content: [{ type: 'output_text', text, annotations: [], logprobs: [] }],
  }
}

export function response(id: string, output: readonly JsonObject[], more: JsonObject = {}): string {
  return JSON.stringify({ id, object: 'response', status: 'completed', output, ...more })
}

interface Made {
  readonly output: readonly JsonObject[]
  readonly previous?: string
  /** Further keys of the response. */
  readonly answer?: JsonObject
}

export function kept(id: string, input: Json, { output, previous, answer }: Made): KeptAnswer {
  const mark = { id, kept: true, ...compact({ previous }) }
  return keeping.toKeep({ model: 'm', input }, response(id, output, answer), mark)
}

export function wire(body: Json): Parameters<typeof openaiResponses.request.decode>[0] {
  return { method: 'POST', path: '/v1/responses', headers: {}, body }
}
