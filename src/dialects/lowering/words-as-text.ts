// Refusals and search hits for targets that know them as plain text only.
import type { Note } from '../../canonical/note.ts'
import { type SearchResultPart, textOf } from '../../canonical/part.ts'
import type { Pass } from './pass.ts'
import { rewriteParts } from './rewrite.ts'

/** Puts the words in place of the parts that are named. */
export function wordsAsText(kinds: readonly ('refusal' | 'search-result')[]): Pass {
  return (request) => {
    const notes: Note[] = []
    const value = rewriteParts(
      request,
      (part, path) => {
        if (part.type !== 'refusal' && part.type !== 'search-result') return [part]
        if (!kinds.includes(part.type)) return [part]
        notes.push({
          action: 'approximated',
          feature: part.type,
          path,
          weight: part.type === 'refusal' ? 1 : 2,
          reason: 'the target knows plain text only',
        })
        return [{ type: 'text', text: part.type === 'refusal' ? part.text : hitText(part) }]
      },
      kinds,
    )
    return { value, notes }
  }
}

function hitText({ title, source, content }: SearchResultPart): string {
  return [title, source, textOf(content)].filter((line) => line !== '').join('\n')
}
