// What is said of a document beside its content, for targets that have fewer places for it.
import type { Note } from '../../canonical/note.ts'
import type { MediaPart, Part } from '../../canonical/part.ts'
import type { Pass } from './pass.ts'
import { omit, rewriteParts } from './rewrite.ts'

export interface LabelRules {
  /** The target takes a name for a document. */
  readonly names: boolean
  /** What a document is called that has no name, where the target wants one for those that come by value. */
  readonly unnamed?: string
}

/** A title is the name where there is none, or goes with the name; the text about a document stands before it. */
export function documentLabels(rules: LabelRules): Pass {
  return (request) => {
    const notes: Note[] = []
    const value = rewriteParts(
      request,
      (part, path) => (part.type === 'file' ? labelled(part, { rules, path, notes }) : [part]),
      ['file'],
    )
    return { value, notes }
  }
}

interface Place {
  readonly rules: LabelRules
  readonly path: string
  readonly notes: Note[]
}

function labelled(part: MediaPart, { rules, path, notes }: Place): readonly Part[] {
  const { title, context } = part
  const filename = part.filename ?? title ?? nameFor(part, { rules, path, notes })
  const lost = rules.names ? undefined : filename
  const kept = filename === part.filename && lost === undefined
  if (kept && title === undefined && context === undefined) return [part]
  const bare = omit(part, ['title', 'context', 'filename'])
  const document = filename === undefined || !rules.names ? bare : { ...bare, filename }
  if (lost !== undefined) {
    const reason = 'the target has no names for documents'
    notes.push({ action: 'dropped', feature: 'filename', path, weight: 1, reason, from: lost })
  }
  if (context === undefined) return [document]
  const reason = 'the target takes no text about a document: it stands before it'
  notes.push({ action: 'approximated', feature: 'document_context', path, weight: 1, reason })
  return [{ type: 'text', text: context }, document]
}

function nameFor({ source }: MediaPart, { rules, path, notes }: Place): string | undefined {
  const to = rules.unnamed
  if (to === undefined || source.kind !== 'base64') return undefined
  const reason = 'the target wants a name for a document'
  notes.push({ action: 'synthesized', feature: 'filename', path, weight: 0, reason, to })
  return to
}
