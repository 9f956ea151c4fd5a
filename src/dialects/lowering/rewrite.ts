// How passes edit a request: only what changes is copied, so that nothing to do gives the same object back.
import type { Part } from '../../canonical/part.ts'
import type { ChatRequest, Turn } from '../../canonical/request.ts'
import { type Trait, hasAny } from './traits.ts'

/** What stands in the place of one part: `[part]` leaves it, `[]` drops it. `path` is its JSON path in the request. */
export type PartRewrite = (part: Part, path: string) => readonly Part[]

/** As flatMap, but the same list when every item became just itself. */
export function flatMapSame<T>(
  list: readonly T[],
  rewrite: (item: T, at: number) => readonly T[],
): readonly T[] {
  let changed: T[] | undefined
  list.forEach((item, at) => {
    const items = rewrite(item, at)
    if (changed !== undefined) changed.push(...items)
    else if (items.length !== 1 || items[0] !== item) changed = [...list.slice(0, at), ...items]
  })
  return changed ?? list
}

/** As map, but the same list when every item stayed what it was. */
export function mapSame<T>(list: readonly T[], rewrite: (item: T, at: number) => T): readonly T[] {
  let changed: T[] | undefined
  list.forEach((item, at) => {
    const after = rewrite(item, at)
    if (changed !== undefined) changed.push(after)
    else if (after !== item) changed = [...list.slice(0, at), after]
  })
  return changed ?? list
}

/** The request with these turns; the same request when they are its own. */
export function withTurns(request: ChatRequest, turns: readonly Turn[]): ChatRequest {
  return turns === request.turns ? request : { ...request, turns }
}

/** The turn with these parts; the same turn when they are its own. */
export function withParts(turn: Turn, parts: readonly Part[]): Turn {
  return parts === turn.parts ? turn : { ...turn, parts }
}

/**
 * Rewrites every part of every turn, the parts inside tool results, search hits and documents first. `having`: what a part must
 * be or have for `rewrite` to change it or to take notice of it; a conversation without is the same at once.
 */
export function rewriteParts(
  request: ChatRequest,
  rewrite: PartRewrite,
  having?: readonly Trait[],
): ChatRequest {
  if (having !== undefined && !hasAny(request, having)) return request
  const turns = mapSame(request.turns, (turn, at) =>
    withParts(turn, rewriteList(turn.parts, `turns[${at}].parts`, rewrite)),
  )
  return withTurns(request, turns)
}

function rewriteList(parts: readonly Part[], path: string, rewrite: PartRewrite): readonly Part[] {
  return flatMapSame(parts, (part, at) => {
    const here = `${path}[${at}]`
    return rewrite(rewriteInside(part, here, rewrite), here)
  })
}

function rewriteInside(part: Part, path: string, rewrite: PartRewrite): Part {
  switch (part.type) {
    case 'tool-result':
    case 'search-result': {
      const content = rewriteList(part.content, `${path}.content`, rewrite)
      return content === part.content ? part : { ...part, content }
    }
    case 'image':
    case 'audio':
    case 'video':
    case 'file': {
      if (part.source.kind !== 'parts') return part
      const parts = rewriteList(part.source.parts, `${path}.source.parts`, rewrite)
      return parts === part.source.parts ? part : { ...part, source: { ...part.source, parts } }
    }
    case 'text':
    case 'refusal':
    case 'reasoning':
    case 'tool-call':
    case 'opaque':
      return part
  }
}

/** A copy without some keys. */
export function omit<T extends object, K extends keyof T>(value: T, keys: readonly K[]): Omit<T, K>
export function omit(value: object, keys: readonly string[]): object {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)))
}
