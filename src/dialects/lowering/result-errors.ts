// Failed tool calls for targets whose results have no error flag: the text says it.
import type { Note } from '../../canonical/note.ts'
import type { Part } from '../../canonical/part.ts'
import type { Pass } from './pass.ts'
import { rewriteParts } from './rewrite.ts'

/** Puts `prefix` before the first text of a failed result and takes the flag away; a text that has the prefix keeps it. */
export function resultErrors(options: { readonly prefix: string }): Pass {
  return (request) => {
    const notes: Note[] = []
    const value = rewriteParts(
      request,
      (part, path) => {
        if (part.type !== 'tool-result' || part.isError !== true) return [part]
        notes.push({
          action: 'approximated',
          feature: 'tool_result_error',
          path: `${path}.isError`,
          weight: 1,
          reason: 'the target has no error flag on tool results; the text says so instead',
        })
        const { isError: _, ...result } = part
        return [{ ...result, content: prefixed(part.content, options.prefix) }]
      },
      ['tool-result'],
    )
    return { value, notes }
  }
}

function prefixed(content: readonly Part[], prefix: string): readonly Part[] {
  const [first, ...others] = content
  if (first?.type !== 'text') return [{ type: 'text', text: prefix }, ...content]
  if (first.text.startsWith(prefix)) return content
  return [{ ...first, text: prefix + first.text }, ...others]
}
