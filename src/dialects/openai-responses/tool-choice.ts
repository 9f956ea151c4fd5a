// How the model must choose among the tools: a word, one tool by name or kind, or a list of those allowed.
import type { Tool, ToolChoice } from '../../canonical/tool.ts'
import {
  type Json,
  type JsonObject,
  type ObjectReader,
  isArray,
  isObject,
} from '../../wire/json.ts'
import { leftovers } from './extension.ts'
import { qualified } from './namespace.ts'

const MODES = ['auto', 'none', 'required'] as const

/** A form that is unknown stays in the reader's rest. */
export function decodeToolChoice(reader: ObjectReader): ToolChoice | undefined {
  const value = reader.peek('tool_choice')
  const choice = typeof value === 'string' ? decodeWord(value) : decodeObject(value)
  if (choice !== undefined) reader.value('tool_choice')
  return choice
}

function decodeWord(word: string): ToolChoice | undefined {
  const mode = MODES.find((one) => one === word)
  return mode === undefined ? undefined : { mode }
}

function decodeObject(value: Json | undefined): ToolChoice | undefined {
  if (!isObject(value)) return undefined
  if (value['type'] === 'allowed_tools') return decodeAllowed(value)
  const name = nameIn(value)
  return name === undefined
    ? undefined
    : { mode: 'required', only: [name], ...leftovers.keptFields(undefined, { whole: value }) }
}

function decodeAllowed(value: JsonObject): ToolChoice | undefined {
  const { mode, tools } = value
  if (!isArray(tools)) return undefined
  const only = tools.map((tool) => nameIn(tool))
  if (!only.every((name) => name !== undefined)) return undefined
  return {
    mode: mode === 'required' ? 'required' : 'auto',
    only,
    ...leftovers.keptFields(undefined, { whole: value }),
  }
}

/** Hosted tools are known by their kind. */
function nameIn(tool: Json): string | undefined {
  if (!isObject(tool)) return undefined
  const { type, name, namespace } = tool
  const named = type === 'function' || type === 'custom'
  if (named) return typeof name === 'string' ? qualified(namespace, name) : undefined
  return typeof type === 'string' ? type : undefined
}

/** `tools` tells functions from custom and hosted tools. */
export function encodeToolChoice(choice: ToolChoice, tools: readonly Tool[]): Json {
  const { mode, only } = choice
  if (only === undefined) return mode
  const { whole } = leftovers.shapeOf(choice)
  if (isObject(whole) && saysTheSame(whole, choice)) return whole
  const named = only.map((name) => encodeNamed(name, tools))
  const [first, ...others] = named
  if (mode === 'required' && first !== undefined && others.length === 0) return first
  return { type: 'allowed_tools', mode, tools: named }
}

function saysTheSame(whole: JsonObject, choice: ToolChoice): boolean {
  const again = decodeObject(whole)
  return again?.mode === choice.mode && JSON.stringify(again.only) === JSON.stringify(choice.only)
}

function encodeNamed(name: string, tools: readonly Tool[]): JsonObject {
  const kind = tools.find((tool) => tool.name === name)?.kind ?? 'function'
  return kind === 'native' ? { type: name } : { type: kind, name }
}
