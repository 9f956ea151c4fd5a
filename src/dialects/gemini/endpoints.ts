// Where Gemini's clients knock.
import type { Endpoint, RequestHint } from '../dialect.ts'
import { COUNT, EMBED } from './address.ts'

/** The version stands in the base address of some clients, and the publisher in that of others. */
const BASES = ['/v1beta', '/v1', '/v1beta1/publishers/google', ''] as const

/** Other protocols list their models at `/v1/models` and `/models` too. */
const claims = ({ headers }: RequestHint): boolean =>
  headers['x-goog-api-key'] !== undefined || headers['x-goog-api-client'] !== undefined

export const endpoints: readonly Endpoint[] = BASES.flatMap((base): readonly Endpoint[] => {
  const shared = base === '/v1' || base === '' ? { claims } : {}
  return [
    ...calls(`${base}/models/:model`),
    { operation: 'models', method: 'GET', path: `${base}/models`, ...shared },
    { operation: 'model', method: 'GET', path: `${base}/models/:model`, ...shared },
  ]
}).concat(
  // For names that say their collection themselves, or none.
  calls('/v1beta/:model'),
)

function calls(model: string): readonly Endpoint[] {
  return [
    // A method that nobody knows is refused by the chat.
    { operation: 'chat', method: 'POST', path: `${model}:generateContent` },
    { operation: 'embed', method: 'POST', path: `${model}:embedContent`, verbs: EMBED },
    { operation: 'count-tokens', method: 'POST', path: `${model}:countTokens`, verbs: COUNT },
  ]
}
