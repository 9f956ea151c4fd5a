// The same target for the calls of one conversation, so that the provider's prompt cache is hit; by weight over conversations.
import type { Contender, Strategy } from '../route.ts'
import { weighted } from './weighted.ts'

// Rendezvous hashing: taking a target away moves only the conversations that were its own.
export const sticky: Strategy = (contenders, context) => {
  const { session } = context
  if (session === undefined) return weighted(contenders, context)
  const scored = contenders.map((contender) => ({ contender, score: score(contender, session) }))
  return scored.toSorted((one, other) => other.score - one.score).map(({ contender }) => contender)
}

function score({ target, weight }: Contender, session: string): number {
  const hash = fnv(`${target.provider}/${target.model}\n${session}`)
  return -weight / Math.log((hash + 0.5) / 2 ** 32)
}

/** FNV-1a of 32 bits with the finisher of MurmurHash3, so that near keys lie far apart. */
function fnv(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
