// Arguments of calls for wires that have objects only, where others carry whatever text the model wrote.
import type { Note } from '../../canonical/note.ts'
import type { ToolArguments, ToolCallPart } from '../../canonical/part.ts'
import { type Json, type JsonObject, isObject, tryParseJson } from '../../wire/json.ts'
import type { Pass } from './pass.ts'
import { rewriteParts } from './rewrite.ts'

export interface ObjectArguments {
  readonly value: JsonObject
  /** False where the arguments are no JSON object and had to be put into one. */
  readonly exact: boolean
}

/** No text is no arguments; what is not an object travels whole under `value`, a custom tool's text under `input`. */
export function argumentsObject({
  kind,
  arguments: { text, json },
}: ToolCallPart): ObjectArguments {
  if (kind === 'custom') return { value: { input: text }, exact: true }
  const value = json ?? (text.trim() === '' ? {} : tryParseJson(text))
  if (isObject(value)) return { value, exact: true }
  return { value: { value: value ?? text }, exact: false }
}

/** What such a wire said, as the model has it. */
export function argumentsOf(json: Json): ToolArguments {
  return { text: JSON.stringify(json), json }
}

/** What is said of a call, at its path, whose arguments were none and stand within an object now. */
export function wrappedNote(path: string): Note {
  return {
    action: 'approximated',
    feature: 'tool_arguments',
    path: `${path}.arguments`,
    weight: 2,
    reason: 'the target takes an object only; the arguments stand in it under "value"',
  }
}

/** Every function call gets its arguments as an object; those that were none are noted. */
export function objectArguments(): Pass {
  return (request) => {
    const notes: Note[] = []
    const value = rewriteParts(
      request,
      (part, path) => {
        if (part.type !== 'tool-call' || part.kind === 'custom') return [part]
        if (isObject(part.arguments.json)) return [part]
        const { value: json, exact } = argumentsObject(part)
        if (!exact) notes.push(wrappedNote(path))
        return [{ ...part, arguments: argumentsOf(json) }]
      },
      ['tool-call'],
    )
    return { value, notes }
  }
}
