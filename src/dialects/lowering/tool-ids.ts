// Tool call ids that a target accepts: computed from the request alone, so that every gateway and every turn finds the same ones.
import type { Note } from '../../canonical/note.ts'
import type { Part } from '../../canonical/part.ts'
import type { ChatRequest } from '../../canonical/request.ts'
import { hashText } from './hash.ts'
import type { Pass } from './pass.ts'
import { rewriteParts } from './rewrite.ts'

const MINTED_LENGTH = 9

const NAMED = ['tool-call', 'tool-result'] as const

export interface ToolIdRules {
  /** Matches a whole id that the target takes as it is; no `g` or `y` flag. */
  readonly legal: RegExp
  /** How many of `[0-9A-Za-z]` a new id has; such an id must be legal. */
  readonly length: number
}

/** An id for a call whose wire has none: nine alphanumerics are legal in every dialect. The seed must name the call's place. */
export function mintToolId(seed: string): string {
  return hashText(seed, MINTED_LENGTH)
}

/** Rewrites illegal ids, calls and results alike; legal ones stay, and no two ids become one. */
export function toolIds(rules: ToolIdRules): Pass {
  return (request) => {
    const places = placesOfIds(request)
    const taken = new Set([...places.keys()].filter((id) => rules.legal.test(id)))
    const renamed = new Map<string, string>()
    const notes: Note[] = []
    for (const [id, path] of places) {
      if (taken.has(id)) continue
      const fresh = freshId(id, rules.length, taken)
      taken.add(fresh)
      renamed.set(id, fresh)
      notes.push({
        action: 'approximated',
        feature: 'tool_call_id',
        path,
        weight: 0,
        reason: 'the target does not take ids of this form',
        to: fresh,
      })
    }
    if (renamed.size === 0) return { value: request, notes }
    return { value: rewriteParts(request, (part) => [withNewId(part, renamed)], NAMED), notes }
  }
}

/** Every id in order of first appearance, with the path where it appears. */
function placesOfIds(request: ChatRequest): Map<string, string> {
  const places = new Map<string, string>()
  rewriteParts(
    request,
    (part, path) => {
      if (hasCallId(part) && !places.has(part.callId)) places.set(part.callId, `${path}.callId`)
      return [part]
    },
    NAMED,
  )
  return places
}

function hasCallId(part: Part): part is Extract<Part, { readonly callId: string }> {
  return part.type === 'tool-call' || part.type === 'tool-result'
}

function freshId(id: string, length: number, taken: ReadonlySet<string>): string {
  let fresh = hashText(id, length)
  for (let attempt = 1; taken.has(fresh); attempt += 1) {
    fresh = hashText(`${id}#${attempt}`, length)
  }
  return fresh
}

function withNewId(part: Part, renamed: ReadonlyMap<string, string>): Part {
  if (!hasCallId(part)) return part
  const callId = renamed.get(part.callId)
  return callId === undefined ? part : { ...part, callId }
}
