// Tool definitions: functions, in the wrapping that OpenAI's chat API made common.
import { compact } from '../../canonical/compact.ts'
import type { Tool } from '../../canonical/tool.ts'
import { type Item, type JsonObject, ObjectReader, isObject } from '../../wire/json.ts'
import { leftovers } from './extension.ts'
import { DIALECT } from './wire-types.ts'

export function readTool(item: Item): Tool {
  const tool = ObjectReader.of(item.value, item.path)
  const type = tool.optionalString('type')
  if (type !== undefined && type !== 'function') {
    return { kind: 'native', dialect: DIALECT, name: type, native: item.value }
  }
  const definition = tool.object('function')
  return {
    kind: 'function',
    name: definition.string('name'),
    ...compact({
      description: definition.optionalString('description'),
      parameters: definition.optionalObject('parameters')?.source,
    }),
    ...leftovers.keptFields(
      { ...tool.rest(), ...compact({ function: definition.rest() }) },
      type === undefined ? { type: 'absent' } : {},
    ),
  }
}

/** Undefined for a tool that this wire has no form for: `lower` has noted it. */
export function printTool(tool: Tool): JsonObject | undefined {
  if (tool.kind === 'native' && tool.dialect === DIALECT) {
    return isObject(tool.native) ? tool.native : undefined
  }
  if (tool.kind !== 'function') return undefined
  const { function: inner, ...fields } = leftovers.fieldsOf(tool)
  const bare = tool.extensions?.[DIALECT]?.shape?.['type'] === 'absent'
  return {
    ...fields,
    ...(bare ? {} : { type: 'function' }),
    function: {
      ...(isObject(inner) ? inner : {}),
      name: tool.name,
      ...compact({ description: tool.description, parameters: tool.parameters }),
    },
  }
}
