// What the calls of one conversation have in common, so that they can go to the provider that has its prompt in its cache.
import type { ChatRequest, Turn } from '../canonical/request.ts'

/** The client's own word for it where there is one, else how the conversation began. */
export function sessionOf(request: ChatRequest, said?: string): string {
  const own = said ?? request.caching?.key
  if (own !== undefined) return own
  const first = request.turns.findIndex(({ role }) => role === 'user')
  const opening = request.turns.slice(0, first + 1).map((turn) => textOf(turn))
  return [request.identity?.user ?? '', ...opening].join('\n')
}

function textOf({ role, parts }: Turn): string {
  const texts = parts.map((part) => (part.type === 'text' ? part.text : part.type))
  return `${role}: ${texts.join('\n')}`
}
