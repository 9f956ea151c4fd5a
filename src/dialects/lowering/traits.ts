// What there is in a conversation, looked up once for all passes: most of them find nothing to do in most requests.
import type { Citation, Part } from '../../canonical/part.ts'
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

const TRAITS: readonly Trait[] = [
  'text',
  'refusal',
  'image',
  'audio',
  'video',
  'file',
  'reasoning',
  'tool-call',
  'tool-result',
  'search-result',
  'opaque',
  'seal',
  'empty-text',
  'cache',
  'citations',
  'detail',
  'extensions',
  'tool-turn',
]

/** One bit each. */
const BITS: Readonly<Record<string, number>> = Object.fromEntries(
  TRAITS.map((trait, at) => [trait, 2 ** at]),
)

/** By the list of turns, which never changes. */
const known = new WeakMap<readonly Turn[], number>()

/** Whether the conversation has any of these, at any depth. */
export function hasAny({ turns }: Pick<ChatRequest, 'turns'>, traits: readonly Trait[]): boolean {
  const found = traitsOf(turns)
  return traits.some((trait) => (found & bit(trait)) !== 0)
}

function bit(trait: Trait): number {
  return BITS[trait] ?? 0
}

function traitsOf(turns: readonly Turn[]): number {
  const before = known.get(turns)
  if (before !== undefined) return before
  let found = 0
  for (const { role, extensions, parts } of turns) {
    if (role === 'tool') found |= bit('tool-turn')
    if (extensions !== undefined) found |= bit('extensions')
    found |= traitsIn(parts)
  }
  known.set(turns, found)
  return found
}

function traitsIn(parts: readonly Part[]): number {
  let found = 0
  for (const part of parts) {
    found |= bit(part.type)
    if (part.seal !== undefined) found |= bit('seal')
    if (part.cache !== undefined) found |= bit('cache')
    if (part.extensions !== undefined) found |= bit('extensions')
    switch (part.type) {
      case 'text':
        if (part.text === '') found |= bit('empty-text')
        if (part.citations !== undefined) found |= traitsOfCitations(part.citations)
        break
      case 'tool-result':
      case 'search-result':
        found |= traitsIn(part.content)
        break
      case 'image':
      case 'audio':
      case 'video':
      case 'file':
        if (part.detail !== undefined) found |= bit('detail')
        if (part.source.kind === 'parts') found |= traitsIn(part.source.parts)
        break
      default:
    }
  }
  return found
}

function traitsOfCitations(citations: readonly Citation[]): number {
  const isExtended = citations.some(({ extensions }) => extensions !== undefined)
  return bit('citations') | (isExtended ? bit('extensions') : 0)
}
