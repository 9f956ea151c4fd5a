// What Google's own tools are for, so that other vendors' can stand for them and they for others.
import { compact } from '../../canonical/compact.ts'
import type { Note } from '../../canonical/note.ts'
import type { HostedPurpose } from '../../canonical/tool.ts'
import { type Json, isObject } from '../../wire/json.ts'
import { namesIn, otherSettings } from '../hosted-purpose.ts'
import type { HostedRules, HostedTool } from '../lowering/hosted-tools.ts'
import type { Pass } from '../lowering/pass.ts'
import { leftovers } from './extension.ts'
import { camelCase } from './spelling.ts'
import { GEMINI } from './wire-types.ts'

const PURPOSES: ReadonlyMap<string, HostedPurpose['what']> = new Map([
  ['googleSearch', 'web-search'],
  ['googleSearchRetrieval', 'web-search'],
  ['codeExecution', 'code-execution'],
  ['urlContext', 'web-fetch'],
])

/** Undefined for tools that no other vendor has. */
export function purposeOf(name: string, native: Json): HostedPurpose | undefined {
  const what = PURPOSES.get(name)
  if (what === undefined) return undefined
  const settings = Object.entries(isObject(native) ? native : {})
  const { excludeDomains, ...others } = Object.fromEntries(
    settings.map(([key, value]) => [camelCase(key), value] as const),
  )
  return {
    what,
    ...compact({ blockedDomains: namesIn(excludeDomains) }),
    ...otherSettings(others, { known: [], weights: { timeRangeFilter: 2, searchTypes: 2 } }),
  }
}

/** Only that a tool is there can be said: no limits and places. */
export const hostedRules: HostedRules = { dialect: GEMINI, print, choosable: false, settings: [] }

function print({ what }: HostedPurpose): HostedTool | undefined {
  const name = [...PURPOSES].find(([, purpose]) => purpose === what)?.[0]
  return name === undefined ? undefined : { name, native: {} }
}

/** Functions beside the vendor's own tools want a word for it, and none of the older models takes both. */
export function besideFunctions(flags: { readonly mixedTools: boolean }): Pass {
  return (request) => {
    const { tools = [], toolChoice } = request
    const hosted = tools.filter((tool) => tool.kind === 'native')
    if (hosted.length === 0 || hosted.length === tools.length) return { value: request, notes: [] }
    if (!flags.mixedTools) {
      const notes = hosted.map((tool): Note => ({
        action: 'dropped',
        feature: tool.name,
        path: 'tools',
        weight: 3,
        reason: "the model takes functions or the vendor's own tools, not both",
      }))
      return { value: { ...request, tools: tools.filter((tool) => tool.kind !== 'native') }, notes }
    }
    const toolConfig = { includeServerSideToolInvocations: true }
    const free = (toolChoice?.mode ?? 'auto') === 'auto'
    const choice = {
      mode: 'auto',
      ...leftovers.keptFields(undefined, { mode: 'VALIDATED' }),
    } as const
    return {
      value: {
        ...request,
        ...leftovers.keptFields({ ...leftovers.fieldsOf(request), toolConfig }),
        ...(free ? { toolChoice: { ...toolChoice, ...choice } } : {}),
      },
      notes: [],
    }
  }
}
