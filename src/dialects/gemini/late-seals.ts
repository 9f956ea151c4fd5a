// Seals of other providers that were streamed after the thinking they seal: back to where they belong.
import type { Part, ReasoningPart } from '../../canonical/part.ts'
import type { Turn } from '../../canonical/request.ts'
import { flatMapSame, withParts } from '../lowering/rewrite.ts'
import { isOwnSeal } from './seals.ts'

/** Joins them with the thinking before them, also where a client keeps every chunk as a turn of its own. */
export function joinLateSeals(turns: readonly Turn[]): readonly Turn[] {
  const joined: Turn[] = []
  for (const turn of turns) {
    const [first] = turn.parts
    const late = turn.role === 'assistant' && first !== undefined && isLate(first)
    const thoughts = late ? popThoughts(joined) : []
    joined.push(
      turn.role === 'assistant'
        ? withParts(
            turn,
            joinedParts(thoughts.length === 0 ? turn.parts : [...thoughts, ...turn.parts]),
          )
        : turn,
    )
  }
  return joined
}

/** Takes turns that hold nothing but unsealed thinking off the end. */
function popThoughts(turns: Turn[]): readonly ReasoningPart[] {
  const first = turns.findLastIndex((turn) => !isThinkingOnly(turn)) + 1
  return turns.splice(first).flatMap((turn) => turn.parts.filter((part) => isUnsealed(part)))
}

function isThinkingOnly({ role, parts }: Turn): boolean {
  return role === 'assistant' && parts.length > 0 && parts.every((part) => isUnsealed(part))
}

function joinedParts(parts: readonly Part[]): readonly Part[] {
  let thoughts: ReasoningPart[] = []
  return flatMapSame(parts, (part, at): readonly Part[] => {
    const rest = parts.slice(at).find((one) => !isUnsealed(one))
    if (isUnsealed(part) && rest !== undefined && isLate(rest)) {
      thoughts.push(part)
      return []
    }
    if (!isLate(part)) return [part]
    const text = thoughts.map((thought) => thought.text).join('')
    const [first] = thoughts
    thoughts = []
    if (first !== undefined) return [{ ...first, text, seal: part.seal }]
    return [TEXTLESS.test(part.seal.format) ? { ...part, redacted: true } : part]
  })
}

/** Formats of seals that hold the thinking itself. */
const TEXTLESS = /\.(?:redacted|encrypted)$/

type LateSeal = ReasoningPart & Required<Pick<ReasoningPart, 'seal'>>

function isLate(part: Part): part is LateSeal {
  return (
    part.type === 'reasoning' &&
    part.text === '' &&
    part.seal !== undefined &&
    !isOwnSeal(part.seal)
  )
}

function isUnsealed(part: Part): part is ReasoningPart {
  return part.type === 'reasoning' && part.seal === undefined
}
