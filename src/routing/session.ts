// What the calls of one conversation have in common, so that they can go to the provider that has its prompt in its cache.
import type { ChatRequest, Turn } from '../canonical/request.ts'

/** The client's key for the cache where it gave one, else how the conversation began. */
export function sessionOf(request: ChatRequest): string {
  const { caching } = request
  if (caching?.key !== undefined) return caching.key
  const first = request.turns.findIndex(({ role }) => role === 'user')
  const opening = request.turns.slice(0, first + 1).map((turn) => textOf(turn))
  return [request.identity?.user ?? '', ...opening].join('\n')
}

function textOf({ role, parts }: Turn): string {
  const texts = parts.map((part) => (part.type === 'text' ? part.text : part.type))
  return `${role}: ${texts.join('\n')}`
}
