// What there is in a conversation, looked up once for all passes: most of them find nothing to do in most requests.
import type { Part } from '../../canonical/part.ts'
import type { ChatRequest, Turn } from '../../canonical/request.ts'

/** A kind of part, or what any part can have; `extensions` are those of turns and citations too. */
export type Trait =
  | Part['type']
  | 'seal'
  | 'empty-text'
  | 'cache'
  | 'citations'
  | 'detail'
  | 'extensions'
  | 'tool-turn'

/** By the list of turns, which never changes. */
const known = new WeakMap<readonly Turn[], ReadonlySet<Trait>>()

/** Whether the conversation has any of these, at any depth. */
export function hasAny({ turns }: Pick<ChatRequest, 'turns'>, traits: readonly Trait[]): boolean {
  const found = traitsOf(turns)
  return traits.some((trait) => found.has(trait))
}

function traitsOf(turns: readonly Turn[]): ReadonlySet<Trait> {
  const before = known.get(turns)
  if (before !== undefined) return before
  const found = new Set<Trait>()
  for (const turn of turns) {
    if (turn.role === 'tool') found.add('tool-turn')
    if (turn.extensions !== undefined) found.add('extensions')
    lookInto(turn.parts, found)
  }
  known.set(turns, found)
  return found
}

function lookInto(parts: readonly Part[], found: Set<Trait>): void {
  for (const part of parts) {
    found.add(part.type)
    if (part.seal !== undefined) found.add('seal')
    if (part.cache !== undefined) found.add('cache')
    if (part.extensions !== undefined) found.add('extensions')
    switch (part.type) {
      case 'text':
        if (part.text === '') found.add('empty-text')
        if (part.citations !== undefined) found.add('citations')
        if (part.citations?.some(({ extensions }) => extensions !== undefined) === true) {
          found.add('extensions')
        }
        break
      case 'tool-result':
      case 'search-result':
        lookInto(part.content, found)
        break
      case 'image':
      case 'audio':
      case 'video':
      case 'file':
        if (part.detail !== undefined) found.add('detail')
        if (part.source.kind === 'parts') lookInto(part.source.parts, found)
        break
      default:
    }
  }
}
