// Tools and the choice among them.
import { compact } from '../../canonical/compact.ts'
import type { ChatRequest } from '../../canonical/request.ts'
import type { FunctionTool, Tool, ToolChoice } from '../../canonical/tool.ts'
import { type Item, type Json, type JsonObject, ObjectReader } from '../../wire/json.ts'
import { printCacheControl, readCacheControl } from './cache-control.ts'
import { leftovers } from './extension.ts'
import { purposeOf } from './hosted-tools.ts'
import { DIALECT } from './wire-types.ts'

/** A tool with a schema of its own is the client's; any other is the vendor's, and kept whole. */
export function decodeTool(item: Item): Tool {
  const reader = ObjectReader.of(item.value, item.path)
  const type = reader.optionalString('type') ?? 'custom'
  reader.leave('type')
  if (type !== 'custom') {
    const name = reader.optionalString('name') ?? type
    const purpose = purposeOf(type, reader.source)
    return { kind: 'native', dialect: DIALECT, name, native: item.value, ...compact({ purpose }) }
  }
  const cache = readCacheControl(reader)
  return {
    kind: 'function',
    name: reader.string('name'),
    ...compact({
      description: reader.optionalString('description'),
      parameters: reader.object('input_schema').source,
      strict: reader.optionalBoolean('strict'),
      cache: cache.mark,
    }),
    ...leftovers.kept(reader, { nested: { cache_control: cache.reader } }),
  }
}

const NO_ARGUMENTS = { type: 'object', properties: {} }

/** Undefined where only another vendor knows the tool. */
export function encodeTool(tool: Tool): Json | undefined {
  if (tool.kind === 'native') return tool.dialect === DIALECT ? tool.native : undefined
  if (tool.kind === 'custom') return undefined
  return leftovers.printed(tool, {
    name: tool.name,
    description: tool.description,
    input_schema: schemaOf(tool),
    strict: tool.strict,
    cache_control: printCacheControl(tool.cache),
  })
}

/** The wire refuses a schema that does not say it is an object; the client's own spelling stays. */
function schemaOf(tool: FunctionTool): JsonObject {
  const { parameters } = tool
  if (parameters === undefined) return NO_ARGUMENTS
  const own = tool.extensions?.[DIALECT] !== undefined || parameters['type'] !== undefined
  return own ? parameters : { type: 'object', ...parameters }
}

/** What a request says of how tools may be called. */
export type Calling = Pick<ChatRequest, 'toolChoice' | 'parallelToolCalls'>

const MODES: ReadonlyMap<Json | undefined, ToolChoice['mode']> = new Map([
  ['auto', 'auto'],
  ['any', 'required'],
  ['tool', 'required'],
  ['none', 'none'],
])

/** A kind of choice that is not known stays among the request's leftovers. */
export function readCalling(request: ObjectReader): Calling {
  const reader = request.optionalObject('tool_choice')
  if (reader === undefined) return {}
  const type = reader.value('type')
  const mode = MODES.get(type)
  if (mode === undefined) {
    request.leave('tool_choice')
    return {}
  }
  const disabled = reader.optionalBoolean('disable_parallel_tool_use')
  const only = type === 'tool' ? [reader.string('name')] : undefined
  const shape = disabled === undefined ? {} : { parallel: true }
  return {
    toolChoice: { mode, ...compact({ only }), ...leftovers.kept(reader, { shape }) },
    ...compact({ parallelToolCalls: disabled === undefined ? undefined : !disabled }),
  }
}

/** Forbidding parallel calls lives inside the choice and never turns it into a forced one. */
export function printCalling({ toolChoice, parallelToolCalls }: Calling): JsonObject | undefined {
  if (toolChoice === undefined) {
    return parallelToolCalls === false
      ? { type: 'auto', disable_parallel_tool_use: true }
      : undefined
  }
  const explicit = leftovers.shapeOf(toolChoice)['parallel'] === true
  const disable = parallelToolCalls === false && (toolChoice.mode !== 'none' || explicit)
  return leftovers.printed(toolChoice, {
    ...choiceOf(toolChoice),
    disable_parallel_tool_use:
      disable || (explicit && parallelToolCalls === true) ? disable : undefined,
  })
}

function choiceOf({ mode, only }: ToolChoice): JsonObject {
  const [name, ...others] = only ?? []
  if (mode !== 'required') return { type: mode }
  return name === undefined || others.length > 0 ? { type: 'any' } : { type: 'tool', name }
}
