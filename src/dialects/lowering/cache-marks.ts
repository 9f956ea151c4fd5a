// Marks that say where a prompt cache may end, for targets that find out by themselves.
import type { Note } from '../../canonical/note.ts'
import type { ChatRequest } from '../../canonical/request.ts'
import type { Pass } from './pass.ts'
import { mapSame, omit, rewriteParts } from './rewrite.ts'

/** Takes the marks off; the request's cache key and retention stay. */
export function withoutCacheMarks(): Pass {
  return (request) => {
    const notes: Note[] = []
    const inParts = rewriteParts(
      request,
      (part, path) => {
        if (part.cache === undefined) return [part]
        notes.push(dropped(`${path}.cache`))
        const { cache: _, ...unmarked } = part
        return [unmarked]
      },
      ['cache'],
    )
    return { value: withoutAuto(withoutToolMarks(inParts, notes), notes), notes }
  }
}

function withoutToolMarks(request: ChatRequest, notes: Note[]): ChatRequest {
  if (request.tools === undefined) return request
  const tools = mapSame(request.tools, (tool, at) => {
    if (tool.kind !== 'function' || tool.cache === undefined) return tool
    notes.push(dropped(`tools[${at}].cache`))
    return omit(tool, ['cache'])
  })
  return tools === request.tools ? request : { ...request, tools }
}

function withoutAuto(request: ChatRequest, notes: Note[]): ChatRequest {
  if (request.caching?.auto === undefined) return request
  notes.push(dropped('caching.auto'))
  return { ...request, caching: omit(request.caching, ['auto']) }
}

function dropped(path: string): Note {
  return {
    action: 'dropped',
    feature: 'cache_control',
    path,
    weight: 1,
    reason: 'the target finds by itself what it can cache',
  }
}
