// What a request needs of a model, and whether a model is known to lack it.
import type { Part } from '../canonical/part.ts'
import type { ChatRequest } from '../canonical/request.ts'
import type { Contender } from './route.ts'

export interface Needs {
  /** Words of model cards: `tools`, `vision`. */
  readonly capabilities: readonly string[]
  /** Tokens of the request with those that the answer may take; absent where nobody has counted. */
  readonly tokens?: number
}

export function needsOf(request: ChatRequest, inputTokens?: number): Needs {
  const parts = request.turns.flatMap((turn) => turn.parts)
  const capabilities = [
    ...((request.tools ?? []).length > 0 && request.toolChoice?.mode !== 'none' ? ['tools'] : []),
    ...(hasPart(parts, 'image') ? ['vision'] : []),
  ]
  if (inputTokens === undefined) return { capabilities }
  return { capabilities, tokens: inputTokens + (request.maxOutputTokens ?? 0) }
}

/** Why this contender cannot serve the request; undefined where it can, or where nothing is known to the contrary. */
export function unmetNeed(needs: Needs, contender: Contender): string | undefined {
  const { capabilities, contextTokens } = contender
  const lacking = capabilities === undefined ? [] : missing(needs.capabilities, capabilities)
  if (lacking.length > 0) return `lacks ${lacking.join(' and ')}`
  if (contextTokens === undefined || needs.tokens === undefined) return undefined
  return needs.tokens > contextTokens
    ? `holds ${contextTokens} tokens, and this takes about ${needs.tokens}`
    : undefined
}

function missing(needed: readonly string[], had: readonly string[]): readonly string[] {
  return needed.filter((word) => !had.includes(word))
}

function hasPart(parts: readonly Part[], type: Part['type']): boolean {
  return parts.some(
    (part) => part.type === type || (part.type === 'tool-result' && hasPart(part.content, type)),
  )
}
