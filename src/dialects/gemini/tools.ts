// `tools` and `toolConfig`: declared functions, the vendor's own tools, and how the model is to choose.
import { compact } from '../../canonical/compact.ts'
import type { FunctionTool, Tool, ToolChoice } from '../../canonical/tool.ts'
import { type Item, type JsonObject, isObject } from '../../wire/json.ts'
import { leftovers, printed } from './extension.ts'
import { Fields } from './fields.ts'
import { purposeOf } from './hosted-tools.ts'
import { jsonSchemaOf, takesNothing } from './schema.ts'
import { camelCase, snakeCase } from './spelling.ts'
import { GEMINI } from './wire-types.ts'

const DECLARATIONS = 'functionDeclarations'

/** Each entry of the list may hold functions and vendor's tools side by side; every tool remembers its entry. */
export function decodeTools(items: readonly Item[]): readonly Tool[] {
  return items.flatMap((item, entry) => {
    const { source } = Fields.of(item.value, item.path)
    return Object.keys(source).flatMap((key) => decodeEntry(item, key, entry))
  })
}

function decodeEntry(item: Item, key: string, entry: number): readonly Tool[] {
  const fields = Fields.of(item.value, item.path)
  const snake = key === snakeCase(DECLARATIONS)
  if (key !== DECLARATIONS && !snake) return [nativeTool(fields, key, entry)]
  const declared = fields.optionalItems(DECLARATIONS) ?? []
  // An empty list is nothing that another wire could miss.
  if (declared.length === 0) return [nativeTool(fields, key, entry)]
  return declared.map((one) => decodeFunction(one, { entry, key: snake ? key : undefined }))
}

function nativeTool(fields: Fields, key: string, entry: number): Tool {
  const name = camelCase(key)
  const native = fields.value(key) ?? null
  return {
    kind: 'native',
    dialect: GEMINI,
    name,
    native,
    ...compact({ purpose: purposeOf(name, native) }),
    ...leftovers.keptFields(undefined, { entry, key: name === key ? undefined : key }),
  }
}

function decodeFunction(item: Item, shape: JsonObject): FunctionTool {
  const fields = Fields.of(item.value, item.path)
  const name = fields.string('name')
  const description = fields.optionalString('description')
  const plain = takeObject(fields, 'parametersJsonSchema')
  const vendors = plain === undefined ? takeObject(fields, 'parameters') : undefined
  const parameters = plain ?? (vendors === undefined ? undefined : jsonSchemaOf(vendors))
  return {
    kind: 'function',
    name,
    ...compact({ description, parameters }),
    ...fields.kept({ ...shape, parameters: vendors }),
  }
}

function takeObject(fields: Fields, key: string): JsonObject | undefined {
  if (!isObject(fields.peek(key))) return undefined
  const value = fields.value(key)
  return isObject(value) ? value : undefined
}

/** Tools of other wires share one entry. */
export function encodeTools(tools: readonly Tool[]): readonly JsonObject[] {
  const entries = Map.groupBy(tools, (tool) => leftovers.shapeOf(tool)['entry'])
  return [...entries.values()].map((together) =>
    Object.assign({}, ...[...Map.groupBy(together, keyOf)].map(([key, same]) => entry(key, same))),
  )
}

function keyOf(tool: Tool): string {
  const { key } = leftovers.shapeOf(tool)
  if (typeof key === 'string') return key
  return tool.kind === 'native' ? tool.name : DECLARATIONS
}

function entry(key: string, tools: readonly Tool[]): JsonObject {
  const [first] = tools
  if (first?.kind === 'native') return { [key]: first.native }
  return {
    [key]: tools.filter((tool) => tool.kind === 'function').map((tool) => encodeFunction(tool)),
  }
}

/** The vendor wants a description, be it empty. */
function encodeFunction(tool: FunctionTool): JsonObject {
  const { parameters: vendors, entry: came } = leftovers.shapeOf(tool)
  const own = came !== undefined
  const { parameters } = tool
  const schema =
    vendors === undefined && (own || (parameters !== undefined && !takesNothing(parameters)))
      ? parameters
      : undefined
  return printed(tool, {
    name: tool.name,
    description: tool.description ?? (own ? undefined : ''),
    parameters: vendors,
    parametersJsonSchema: schema,
  })
}

const MODES: ReadonlyMap<string, ToolChoice['mode']> = new Map([
  ['AUTO', 'auto'],
  ['VALIDATED', 'auto'],
  ['ANY', 'required'],
  ['NONE', 'none'],
])

/** `config` is `functionCallingConfig`; a mode that is not known stays among its leftovers, and names that the vendor ignores too. */
export function decodeToolChoice(config: Fields | undefined): ToolChoice | undefined {
  const word = config?.peek('mode')
  const mode = typeof word === 'string' ? MODES.get(word.toUpperCase()) : undefined
  if (config === undefined || mode === undefined || typeof word !== 'string') return undefined
  config.value('mode')
  const listed = mode === 'required' || word.toUpperCase() === 'VALIDATED'
  const names = config.peek('allowedFunctionNames')
  const only =
    listed && Array.isArray(names) && names.length > 0
      ? config.optionalStrings('allowedFunctionNames')
      : undefined
  return { mode, ...compact({ only }), ...leftovers.keptFields(undefined, { mode: word }) }
}

export function encodeToolChoice(choice: ToolChoice): JsonObject {
  const { mode: came } = leftovers.shapeOf(choice)
  const still = typeof came === 'string' && MODES.get(came.toUpperCase()) === choice.mode
  return compact({
    mode: still ? came : modeOf(choice),
    allowedFunctionNames: choice.only,
  })
}

/** Only this mode may be told names and still leave the choice to the model. */
function modeOf({ mode, only }: ToolChoice): string {
  if (mode === 'required') return 'ANY'
  if (mode === 'none') return 'NONE'
  return only === undefined ? 'AUTO' : 'VALIDATED'
}
