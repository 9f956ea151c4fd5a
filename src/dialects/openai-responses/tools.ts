// Tools offered: functions and custom tools, flat on this wire; every other kind is the vendor's own.
import { compact } from '../../canonical/compact.ts'
import type { CustomTool, FunctionTool, Tool } from '../../canonical/tool.ts'
import { type Item, type Json, type JsonObject, ObjectReader, isObject } from '../../wire/json.ts'
import { leftOf } from '../leftovers.ts'
import { leftovers } from './extension.ts'
import { purposeOf } from './hosted-tools.ts'
import { encodeGrouped, membersOf } from './namespace.ts'
import { OPENAI_RESPONSES } from './wire-types.ts'

/** The tools of a namespace stand each on its own, in its place. */
export function decodeTools(items: readonly Item[]): readonly Tool[] {
  return items.flatMap((item, at) => {
    const reader = ObjectReader.of(item.value, item.path)
    const members =
      reader.peek('type') === 'namespace'
        ? membersOf(reader, { at, decode: decodeTool })
        : undefined
    return members ?? [decodeTool(item)]
  })
}

function decodeTool(item: Item): Tool {
  const reader = ObjectReader.of(item.value, item.path)
  const type = reader.string('type')
  if (type === 'function') return decodeFunction(reader)
  if (type === 'custom') return decodeCustom(reader)
  const purpose = purposeOf(type, reader.source)
  return {
    kind: 'native',
    dialect: OPENAI_RESPONSES,
    name: undated(type),
    native: item.value,
    ...compact({ purpose }),
  }
}

/** A choice names the tool without its date: `web_search_preview`, `web_search`. */
function undated(type: string): string {
  return type.replace(/_20\d\d_\d\d_\d\d$/, '')
}

function decodeFunction(reader: ObjectReader): FunctionTool {
  return {
    kind: 'function',
    name: reader.string('name'),
    ...compact({
      description: reader.optionalString('description'),
      parameters: reader.optionalObject('parameters')?.source,
      strict: reader.optionalBoolean('strict'),
    }),
    ...leftovers.owned(reader.rest()),
  }
}

function decodeCustom(reader: ObjectReader): CustomTool {
  const name = reader.string('name')
  const description = reader.optionalString('description')
  const format = isObject(reader.peek('format')) ? reader.object('format') : undefined
  const value = format === undefined ? undefined : decodeFormat(format)
  return {
    kind: 'custom',
    name,
    ...compact({ description, format: value }),
    ...leftovers.owned(leftOf(reader, { format })),
  }
}

function decodeFormat(reader: ObjectReader): NonNullable<CustomTool['format']> {
  const type = reader.string('type')
  if (type !== 'grammar') return { syntax: type }
  return { syntax: reader.string('syntax'), definition: reader.string('definition') }
}

export function encodeTools(tools: readonly Tool[]): readonly Json[] {
  return encodeGrouped(tools, encodeTool)
}

function encodeTool(tool: Tool): Json {
  switch (tool.kind) {
    case 'function':
      return leftovers.printed(tool, {
        type: 'function',
        name: tool.name,
        ...compact({ description: tool.description }),
        ...functionSchema(tool),
      })
    case 'custom':
      return leftovers.printed(tool, {
        type: 'custom',
        name: tool.name,
        ...compact({
          description: tool.description,
          format: tool.format === undefined ? undefined : encodeFormat(tool.format),
        }),
      })
    case 'native':
      return tool.native
  }
}

/** Left out, `strict` means "if the schema allows it" here and "no" everywhere else; the schema must be there too. */
function functionSchema(tool: FunctionTool): JsonObject {
  const { parameters, strict } = tool
  if (leftovers.isOwn(tool)) return compact({ parameters, strict })
  const none: JsonObject = { type: 'object', properties: {} }
  return { parameters: parameters ?? none, strict: strict ?? false }
}

function encodeFormat({ syntax, definition }: NonNullable<CustomTool['format']>): JsonObject {
  return definition === undefined ? { type: syntax } : { type: 'grammar', syntax, definition }
}
