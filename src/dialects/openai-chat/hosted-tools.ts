// `web_search_options`: the one tool that OpenAI runs on this wire, for models that search.
import { compact } from '../../canonical/compact.ts'
import type { HostedPurpose, NativeTool, Tool } from '../../canonical/tool.ts'
import { type JsonObject, type ObjectReader, isObject } from '../../wire/json.ts'
import { otherSettings, placeIn } from '../hosted-purpose.ts'
import type { HostedRules, HostedTool } from '../lowering/hosted-tools.ts'
import { leftovers } from './extension.ts'
import { OPENAI_CHAT } from './wire-types.ts'

const FIELD = 'web_search_options'

export function decodeSearch(reader: ObjectReader): readonly NativeTool[] {
  const options = reader.peek(FIELD)
  if (!isObject(options)) return []
  reader.value(FIELD)
  const { user_location: location, search_context_size: size, ...settings } = options
  return [
    {
      kind: 'native',
      dialect: OPENAI_CHAT,
      name: FIELD,
      native: options,
      purpose: {
        what: 'web-search',
        ...compact({
          location: isObject(location) ? placeIn(location['approximate']) : undefined,
          contextSize: typeof size === 'string' ? size : undefined,
        }),
        ...otherSettings(settings, { known: [] }),
      },
      ...leftovers.keptFields(undefined, { slot: FIELD }),
    },
  ]
}

export const hostedRules: HostedRules = {
  dialect: OPENAI_CHAT,
  print,
  choosable: false,
  settings: ['contextSize', 'location'],
}

function print({ what, contextSize, location }: HostedPurpose): HostedTool | undefined {
  if (what !== 'web-search' && what !== 'web-fetch') return undefined
  const place = location === undefined ? undefined : { type: 'approximate', approximate: location }
  return {
    name: FIELD,
    native: compact({ user_location: place, search_context_size: contextSize }),
    ...leftovers.keptFields(undefined, { slot: FIELD }),
  }
}

/** Whether a tool stands in a field of its own. */
export function isSearch(tool: Tool): boolean {
  return leftovers.shapeOf(tool)['slot'] === FIELD
}

export function encodeSearch(tools: readonly Tool[]): JsonObject {
  const search = tools.find((tool) => tool.kind === 'native' && isSearch(tool))
  return search?.kind === 'native' ? { [FIELD]: search.native } : {}
}
