// The tools offered and how to choose among them. Tools that Mistral runs itself are kept whole.
import { compact } from '../../canonical/compact.ts'
import { GatewayError } from '../../canonical/errors.ts'
import type { FunctionTool, Tool, ToolChoice } from '../../canonical/tool.ts'
import {
  type Item,
  type Json,
  type JsonObject,
  ObjectReader,
  isArray,
  isObject,
} from '../../wire/json.ts'
import { leftOf } from '../leftovers.ts'
import { leftovers } from './extension.ts'
import { purposeOf } from './hosted-tools.ts'
import { MISTRAL_CHAT } from './wire-types.ts'

/** An empty list stays in the reader's rest. */
export function decodeTools(reader: ObjectReader): readonly Tool[] | undefined {
  const value = reader.peek('tools')
  if (isArray(value) && value.length === 0) return undefined
  return reader.optionalItems('tools')?.map((item) => decodeTool(item))
}

function decodeTool(item: Item): Tool {
  const reader = ObjectReader.of(item.value, item.path)
  const type = reader.optionalString('type')
  if (type !== undefined && type !== 'function') {
    const purpose = purposeOf(type, reader.source)
    return {
      kind: 'native',
      dialect: MISTRAL_CHAT,
      name: type,
      native: item.value,
      ...compact({ purpose }),
    }
  }
  const callee = reader.object('function')
  const parameters = callee.optionalObject('parameters')?.source
  return {
    kind: 'function',
    name: callee.string('name'),
    ...compact({
      description: callee.optionalString('description'),
      parameters,
      strict: callee.optionalBoolean('strict'),
    }),
    ...leftovers.keptFields(leftOf(reader, { function: callee }), {
      type: type === undefined ? 'absent' : undefined,
      parameters: parameters === undefined ? 'absent' : undefined,
    }),
  }
}

export function encodeTool(tool: Tool): Json {
  switch (tool.kind) {
    case 'function': {
      const { type, parameters } = leftovers.shapeOf(tool)
      const own = functionFields(tool, parameters === 'absent' ? undefined : NO_PARAMETERS)
      return leftovers.printed(tool, {
        ...(type === 'absent' ? {} : { type: 'function' }),
        function: own,
      })
    }
    case 'custom':
      throw new GatewayError(
        'unsupported',
        `Mistral's chat API has functions only; it cannot be offered the custom tool "${tool.name}".`,
      )
    case 'native':
      return tool.native
  }
}

/** The wire wants a schema, even where there is nothing to give. */
const NO_PARAMETERS: JsonObject = { type: 'object', properties: {} }

function functionFields(tool: FunctionTool, none: JsonObject | undefined): JsonObject {
  const { name, description, parameters = none, strict } = tool
  return compact({ name, description, parameters, strict })
}

/** A form that is unknown stays in the reader's rest. */
export function decodeToolChoice(reader: ObjectReader): ToolChoice | undefined {
  const value = reader.peek('tool_choice')
  const choice = typeof value === 'string' ? decodeWord(value) : decodeNamed(value)
  if (choice !== undefined) reader.value('tool_choice')
  return choice
}

const MODES = new Map<string, ToolChoice['mode']>([
  ['auto', 'auto'],
  ['none', 'none'],
  ['any', 'required'],
  ['required', 'required'],
])

function decodeWord(word: string): ToolChoice | undefined {
  const mode = MODES.get(word)
  return mode === undefined
    ? undefined
    : { mode, ...leftovers.keptFields(undefined, { word: mode === word ? word : undefined }) }
}

function decodeNamed(value: Json | undefined): ToolChoice | undefined {
  if (!isObject(value) || !isObject(value['function'])) return undefined
  const { type, function: callee, ...outer } = value
  const { name, ...inner } = callee
  if ((type !== undefined && type !== 'function') || typeof name !== 'string') return undefined
  const fields = { ...outer, ...(Object.keys(inner).length === 0 ? {} : { function: inner }) }
  return {
    mode: 'required',
    only: [name],
    ...leftovers.keptFields(Object.keys(fields).length === 0 ? undefined : fields, {
      type: type === undefined ? 'absent' : undefined,
    }),
  }
}

/** `any` is the older word for `required`, which every model knows. */
export function encodeToolChoice(choice: ToolChoice): Json {
  const { mode, only } = choice
  const { word, type } = leftovers.shapeOf(choice)
  const [name] = only ?? []
  if (name === undefined) return word ?? (mode === 'required' ? 'any' : mode)
  return leftovers.printed(choice, {
    ...(type === 'absent' ? {} : { type: 'function' }),
    function: { name },
  })
}
