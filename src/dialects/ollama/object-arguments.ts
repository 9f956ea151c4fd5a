// Arguments of earlier calls: this wire has objects only, where others carry whatever text the model wrote.
import type { Note } from '../../canonical/note.ts'
import { isObject } from '../../wire/json.ts'
import type { Pass } from '../lowering/pass.ts'
import { rewriteParts } from '../lowering/rewrite.ts'
import { argumentsObject } from './tool-calls.ts'

/** Every function call gets its arguments as an object; text that was none is noted. */
export function objectArguments(): Pass {
  return (request) => {
    const notes: Note[] = []
    const value = rewriteParts(request, (part, path) => {
      if (part.type !== 'tool-call' || isObject(part.arguments.json)) return [part]
      const { value: json, exact } = argumentsObject(part)
      if (!exact) {
        notes.push({
          action: 'approximated',
          feature: 'tool_arguments',
          path: `${path}.arguments`,
          weight: 2,
          reason: 'the target takes a JSON object as arguments, and these are none',
          to: json,
        })
      }
      return [{ ...part, arguments: { text: JSON.stringify(json), json } }]
    })
    return { value, notes }
  }
}
