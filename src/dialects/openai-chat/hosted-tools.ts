// `web_search_options`: the one tool that OpenAI runs on this wire, for models that search.
import { compact } from '../../canonical/compact.ts'
import type { NativeTool, Tool } from '../../canonical/tool.ts'
import { type JsonObject, type ObjectReader, isObject } from '../../wire/json.ts'
import { leftovers } from './extension.ts'
import { OPENAI_CHAT } from './wire-types.ts'

const FIELD = 'web_search_options'

export function decodeSearch(reader: ObjectReader): readonly NativeTool[] {
  const options = reader.peek(FIELD)
  if (!isObject(options)) return []
  reader.value(FIELD)
  const { user_location: location, ...settings } = options
  const others = Object.keys(settings)
  return [
    {
      kind: 'native',
      dialect: OPENAI_CHAT,
      name: FIELD,
      native: options,
      purpose: {
        what: 'web-search',
        ...compact({
          location: placeIn(location),
          others: others.length === 0 ? undefined : others,
        }),
      },
      ...leftovers.keptFields(undefined, { slot: FIELD }),
    },
  ]
}

function placeIn(location: JsonObject[string]): JsonObject | undefined {
  if (!isObject(location)) return undefined
  const { approximate } = location
  return isObject(approximate) ? approximate : undefined
}

/** Whether a tool stands in a field of its own. */
export function isSearch(tool: Tool): boolean {
  return leftovers.shapeOf(tool)['slot'] === FIELD
}

export function encodeSearch(tools: readonly Tool[]): JsonObject {
  const search = tools.find((tool) => tool.kind === 'native' && isSearch(tool))
  return search?.kind === 'native' ? { [FIELD]: search.native } : {}
}
