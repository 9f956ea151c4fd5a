// Settings that say nothing: empty lists, which many hosts refuse, and choices among tools that are not there.
import type { Note } from '../../canonical/note.ts'
import type { ChatRequest } from '../../canonical/request.ts'
import type { Pass } from './pass.ts'
import { omit } from './rewrite.ts'

/** Run when tools that the target cannot have are gone. */
export function emptySettings(): Pass {
  return (request) => {
    const filled = withoutEmptyMetadata(withoutEmptyStop(request))
    if (filled.tools !== undefined && filled.tools.length > 0) return { value: filled, notes: [] }
    const { toolChoice } = filled
    const bare = CHOICES.filter((key) => filled[key] !== undefined)
    const notes: readonly Note[] = toolChoice?.mode === 'required' ? [impossible] : []
    return { value: bare.length === 0 ? filled : omit(filled, bare), notes }
  }
}

const CHOICES = ['tools', 'toolChoice', 'parallelToolCalls'] as const

const impossible: Note = {
  action: 'dropped',
  feature: 'tool_choice',
  path: 'toolChoice',
  weight: 3,
  reason: 'a tool must be used, but there is none',
}

function withoutEmptyStop(request: ChatRequest): ChatRequest {
  if (request.sampling.stop?.length !== 0) return request
  return { ...request, sampling: omit(request.sampling, ['stop']) }
}

function withoutEmptyMetadata(request: ChatRequest): ChatRequest {
  const { identity } = request
  if (identity?.metadata === undefined || Object.keys(identity.metadata).length > 0) return request
  return { ...request, identity: omit(identity, ['metadata']) }
}
