// Marks of a prompt cache, for targets that take only so many: the last ones serve the longest prefix.
import type { Note } from '../../canonical/note.ts'
import type { ChatRequest } from '../../canonical/request.ts'
import type { Pass } from './pass.ts'
import { mapSame, omit, rewriteParts } from './rewrite.ts'

/** In the order in which the target reads them: tools before what is said. */
export function fewMarks(most: number): Pass {
  return (request) => {
    let spare = marksIn(request) - most
    if (spare <= 0) return { value: request, notes: [] }
    const notes: Note[] = []
    const isSpare = (path: string): boolean => {
      if (spare === 0) return false
      spare -= 1
      notes.push({
        action: 'dropped',
        feature: 'caching',
        path: `${path}.cache`,
        weight: 1,
        reason: `the target takes ${most} marks`,
      })
      return true
    }
    const tools =
      request.tools === undefined
        ? undefined
        : mapSame(request.tools, (tool, at) =>
            tool.kind === 'function' && tool.cache !== undefined && isSpare(`tools[${at}]`)
              ? omit(tool, ['cache'])
              : tool,
          )
    const offered = tools === undefined ? request : { ...request, tools }
    const value = rewriteParts(offered, (part, path) => {
      if (part.cache === undefined || !isSpare(path)) return [part]
      const { cache: _, ...unmarked } = part
      return [unmarked]
    })
    return { value, notes }
  }
}

function marksIn(request: ChatRequest): number {
  let marks = 0
  for (const tool of request.tools ?? []) {
    if (tool.kind === 'function' && tool.cache !== undefined) marks += 1
  }
  rewriteParts(request, (part) => {
    if (part.cache !== undefined) marks += 1
    return [part]
  })
  return marks
}
