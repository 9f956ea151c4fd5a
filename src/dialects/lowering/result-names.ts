// Tool results for targets that want the tool's name on them.
import type { Pass } from './pass.ts'
import { rewriteParts } from './rewrite.ts'

/** Fills a result's missing name from the call with the same id, the latest when ids repeat. */
export function resultNames(): Pass {
  return (request) => {
    const names = new Map<string, string>()
    const value = rewriteParts(
      request,
      (part) => {
        if (part.type === 'tool-call') names.set(part.callId, part.name)
        if (part.type !== 'tool-result' || part.name !== undefined) return [part]
        const name = names.get(part.callId)
        return [name === undefined ? part : { ...part, name }]
      },
      ['tool-result'],
    )
    return { value, notes: [] }
  }
}
