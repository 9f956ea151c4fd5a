// A tool call's arguments as the object that this wire wants.
import type { ToolArguments, ToolCallPart } from '../../canonical/part.ts'
import { type Json, isObject, tryParseJson } from '../../wire/json.ts'

export interface ToolInput {
  readonly value: Json
  /** False when the arguments are no JSON object and had to be wrapped. */
  readonly exact: boolean
}

/** No text is no arguments; what is not an object travels whole under `value`, a custom tool's text under `input`. */
export function toolInput({ kind, arguments: { text, json } }: ToolCallPart): ToolInput {
  if (kind === 'custom') return { value: { input: text }, exact: true }
  const value = json ?? (text.trim() === '' ? {} : tryParseJson(text))
  if (isObject(value)) return { value, exact: true }
  return { value: { value: value ?? text }, exact: false }
}

export function toolArguments(input: Json): ToolArguments {
  return { text: JSON.stringify(input), json: input }
}
