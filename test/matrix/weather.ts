// The tools that probes offer.
import type { ChatRequest } from '../../src/canonical/request.ts'
import type { FunctionTool } from '../../src/canonical/tool.ts'

export const WEATHER: FunctionTool = {
  kind: 'function',
  name: 'get_weather',
  description: 'The weather of a city.',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
}

const named = (name: string): FunctionTool => ({ ...WEATHER, name })

/** A request with three tools. */
export function weather(more: Partial<ChatRequest>): Partial<ChatRequest> {
  return { tools: [WEATHER, named('now'), named('ask')], ...more }
}
