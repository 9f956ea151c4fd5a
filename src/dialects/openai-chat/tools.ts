// The tools offered and how to choose among them, in the present form and the deprecated one.
import { compact } from '../../canonical/compact.ts'
import type { CustomTool, FunctionTool, Tool, ToolChoice } from '../../canonical/tool.ts'
import {
  type Item,
  type Json,
  type JsonObject,
  ObjectReader,
  isArray,
  isObject,
} from '../../wire/json.ts'
import { leftOf } from '../leftovers.ts'
import { decodeCache, encodeCache } from './cache.ts'
import { leftovers } from './extension.ts'
import type { Flags } from './flags.ts'
import { decodeSearch, encodeSearch, isSearch } from './hosted-tools.ts'
import { OPENAI_CHAT } from './wire-types.ts'

/** `functions` come after `tools`, and the search after both; empty lists stay in the reader's rest. */
export function decodeTools(reader: ObjectReader): readonly Tool[] | undefined {
  const tools = itemsOf(reader, 'tools').map((item) => decodeTool(item))
  const functions = itemsOf(reader, 'functions').map((item) =>
    decodeFunction(ObjectReader.of(item.value, item.path)),
  )
  const all: readonly Tool[] = [...tools, ...functions, ...decodeSearch(reader)]
  return all.length === 0 ? undefined : all
}

function itemsOf(reader: ObjectReader, key: string): readonly Item[] {
  const value = reader.peek(key)
  return isArray(value) && value.length === 0 ? [] : (reader.optionalItems(key) ?? [])
}

function decodeTool(item: Item): Tool {
  const reader = ObjectReader.of(item.value, item.path)
  const type = reader.string('type')
  if (type === 'function') return decodeFunctionTool(reader)
  if (type === 'custom') return decodeCustomTool(reader)
  return { kind: 'native', dialect: OPENAI_CHAT, name: type, native: item.value }
}

function decodeFunctionTool(reader: ObjectReader): FunctionTool {
  const callee = reader.object('function')
  const { cache, spelled } = decodeCache(reader)
  return {
    ...functionOf(callee),
    ...compact({ cache }),
    ...leftovers.kept(reader, { nested: { function: callee }, shape: { cache: spelled } }),
  }
}

function decodeFunction(reader: ObjectReader): FunctionTool {
  return { ...functionOf(reader), ...leftovers.kept(reader, { shape: { slot: 'functions' } }) }
}

function functionOf(reader: ObjectReader): FunctionTool {
  return {
    kind: 'function',
    name: reader.string('name'),
    ...compact({
      description: reader.optionalString('description'),
      parameters: reader.optionalObject('parameters')?.source,
      strict: reader.optionalBoolean('strict'),
    }),
  }
}

function decodeCustomTool(reader: ObjectReader): CustomTool {
  const custom = reader.object('custom')
  const name = custom.string('name')
  const description = custom.optionalString('description')
  const format = isObject(custom.peek('format')) ? decodeFormat(custom.object('format')) : undefined
  const left = format?.left === undefined ? {} : { format: format.left }
  const inner = { ...custom.rest(), ...left }
  const fields = Object.keys(inner).length === 0 ? {} : { custom: inner }
  return {
    kind: 'custom',
    name,
    ...compact({ description, format: format?.value }),
    ...leftovers.keptFields({ ...reader.rest(), ...fields }),
  }
}

function decodeFormat(reader: ObjectReader): {
  readonly value: NonNullable<CustomTool['format']>
  readonly left: JsonObject | undefined
} {
  if (reader.peek('type') !== 'grammar') {
    return { value: { syntax: reader.string('type') }, left: reader.rest() }
  }
  reader.value('type')
  const grammar = reader.object('grammar')
  const value = { syntax: grammar.string('syntax'), definition: grammar.string('definition') }
  return { value, left: leftOf(reader, { grammar }) }
}

export function encodeTools(tools: readonly Tool[], flags: Flags): JsonObject {
  const functions: JsonObject[] = []
  const modern: Json[] = []
  for (const tool of tools) {
    if (isSearch(tool)) continue
    if (tool.kind === 'function' && flags.legacyFunctions && isLegacy(tool)) {
      functions.push(leftovers.printed(tool, functionFields(tool, flags)))
    } else modern.push(encodeTool(tool, flags))
  }
  return {
    ...(modern.length === 0 ? {} : { tools: modern }),
    ...(functions.length === 0 ? {} : { functions }),
    ...encodeSearch(tools),
  }
}

function isLegacy(tool: Tool): boolean {
  return leftovers.shapeOf(tool)['slot'] === 'functions'
}

/** Whether a request speaks the deprecated form, so that its answer does too. */
export function usesFunctions(tools: readonly Tool[] | undefined): boolean {
  return tools?.some((tool) => isLegacy(tool)) === true
}

function encodeTool(tool: Tool, flags: Flags): Json {
  switch (tool.kind) {
    case 'function': {
      const own = functionFields(tool, flags)
      if (isLegacy(tool)) return { type: 'function', function: leftovers.printed(tool, own) }
      return leftovers.printed(tool, {
        type: 'function',
        function: own,
        ...encodeCache(tool.cache, leftovers.shapeOf(tool), flags),
      })
    }
    case 'custom':
      return leftovers.printed(tool, {
        type: 'custom',
        custom: compact({
          name: tool.name,
          description: tool.description,
          format: tool.format === undefined ? undefined : encodeFormat(tool.format),
        }),
      })
    case 'native':
      return tool.native
  }
}

function functionFields(tool: FunctionTool, flags: Flags): JsonObject {
  return compact({
    name: tool.name,
    description: tool.description,
    parameters: tool.parameters,
    strict: flags.strictTools ? tool.strict : undefined,
  })
}

function encodeFormat({ syntax, definition }: NonNullable<CustomTool['format']>): JsonObject {
  if (definition === undefined) return { type: syntax }
  return { type: 'grammar', grammar: { syntax, definition } }
}

/** `tool_choice`, else the deprecated `function_call`; a form that is unknown stays in the reader's rest. */
export function decodeToolChoice(reader: ObjectReader): ToolChoice | undefined {
  return (
    decodeChoice(reader, 'tool_choice') ??
    (reader.has('tool_choice') ? undefined : decodeChoice(reader, 'function_call'))
  )
}

function decodeChoice(
  reader: ObjectReader,
  key: 'tool_choice' | 'function_call',
): ToolChoice | undefined {
  const slot = key === 'function_call' ? key : undefined
  const value = reader.peek(key)
  if (typeof value === 'string') {
    const mode = MODES.get(value)
    if (mode === undefined) return undefined
    reader.value(key)
    return {
      mode,
      ...leftovers.keptFields(undefined, { slot, word: value === mode ? undefined : value }),
    }
  }
  if (!isObject(value)) return undefined
  const named = slot === undefined ? decodeNamed(value) : decodeLegacyNamed(value)
  if (named !== undefined) reader.value(key)
  return named
}

/** `any` is what other vendors call `required`. */
const MODES = new Map<string, ToolChoice['mode']>([
  ['auto', 'auto'],
  ['none', 'none'],
  ['required', 'required'],
  ['any', 'required'],
])

function decodeLegacyNamed(value: JsonObject): ToolChoice | undefined {
  const { name, ...fields } = value
  if (typeof name !== 'string') return undefined
  return {
    mode: 'required',
    only: [name],
    ...leftovers.keptFields(fields, { slot: 'function_call' }),
  }
}

function decodeNamed(value: JsonObject): ToolChoice | undefined {
  const { type } = value
  if (type === 'allowed_tools') return decodeAllowed(value)
  if (type !== 'function' && type !== 'custom') return undefined
  const callee = value[type]
  if (!isObject(callee) || typeof callee['name'] !== 'string') return undefined
  const { type: _, [type]: __, ...outer } = value
  const { name: ___, ...inner } = callee
  const fields = { ...outer, ...(Object.keys(inner).length === 0 ? {} : { [type]: inner }) }
  return {
    mode: 'required',
    only: [callee['name']],
    ...leftovers.keptFields(fields, { kind: type === 'custom' ? type : undefined }),
  }
}

function decodeAllowed(value: JsonObject): ToolChoice | undefined {
  const allowed = value['allowed_tools']
  if (!isObject(allowed) || !isArray(allowed['tools'])) return undefined
  const mode = allowed['mode'] === 'required' ? 'required' : 'auto'
  const only = allowed['tools'].map((tool) => nameIn(tool))
  if (!only.every((name) => name !== undefined)) return undefined
  return { mode, only, ...leftovers.keptFields(undefined, { whole: value }) }
}

function nameIn(tool: Json): string | undefined {
  if (!isObject(tool)) return undefined
  const callee = tool['type'] === 'custom' ? tool['custom'] : tool['function']
  return isObject(callee) && typeof callee['name'] === 'string' ? callee['name'] : undefined
}

/** `tools` tells functions from custom tools. */
export function encodeToolChoice(
  choice: ToolChoice,
  tools: readonly Tool[],
  flags: Flags,
): JsonObject {
  const shape = leftovers.shapeOf(choice)
  const { mode, only } = choice
  const legacy = shape['slot'] === 'function_call' && flags.legacyFunctions
  if (only === undefined) {
    const word = shape['word'] ?? mode
    return legacy ? { function_call: word } : { tool_choice: word }
  }
  const [name, ...others] = only
  if (legacy && name !== undefined) return { function_call: leftovers.printed(choice, { name }) }
  const whole = shape['whole']
  if (isObject(whole) && sameNames(whole, choice)) return { tool_choice: whole }
  if (mode === 'required' && name !== undefined && others.length === 0) {
    const kind = shape['kind'] === 'custom' ? 'custom' : kindOf(name, tools)
    const fields = shape['slot'] === 'function_call' ? {} : leftovers.printed(choice, {})
    return { tool_choice: { ...fields, ...named(kind, name, fields) } }
  }
  const list = only.map((name) => named(kindOf(name, tools), name, {}))
  return {
    tool_choice: { type: 'allowed_tools', allowed_tools: { mode, tools: list } },
  }
}

function sameNames(whole: JsonObject, choice: ToolChoice): boolean {
  const again = decodeAllowed(whole)
  return again?.mode === choice.mode && JSON.stringify(again.only) === JSON.stringify(choice.only)
}

function kindOf(name: string, tools: readonly Tool[]): 'function' | 'custom' {
  return tools.find((tool) => tool.name === name)?.kind === 'custom' ? 'custom' : 'function'
}

function named(kind: 'function' | 'custom', name: string, fields: JsonObject): JsonObject {
  const before = fields[kind]
  return { type: kind, [kind]: { ...(isObject(before) ? before : {}), name } }
}
