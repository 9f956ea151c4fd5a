// What Mistral's own tools are for, so that other vendors' can stand for them and they for others.
import type { HostedPurpose } from '../../canonical/tool.ts'
import type { JsonObject } from '../../wire/json.ts'
import { otherSettings } from '../hosted-purpose.ts'
import type { HostedRules, HostedTool } from '../lowering/hosted-tools.ts'
import { MISTRAL_CHAT } from './wire-types.ts'

const PURPOSES: ReadonlyMap<string, HostedPurpose['what']> = new Map([
  ['web_search', 'web-search'],
  ['web_search_premium', 'web-search'],
  ['code_interpreter', 'code-execution'],
  ['image_generation', 'image-making'],
])

/** Undefined for tools that no other vendor has. */
export function purposeOf(type: string, source: JsonObject): HostedPurpose | undefined {
  const what = PURPOSES.get(type)
  if (what === undefined) return undefined
  return { what, ...otherSettings(source, { known: ['type'] }) }
}

/** Only that a tool is there can be said: no limits and places. */
export const hostedRules: HostedRules = {
  dialect: MISTRAL_CHAT,
  print,
  choosable: false,
  settings: [],
}

function print({ what }: HostedPurpose): HostedTool | undefined {
  const name = [...PURPOSES].find(([, purpose]) => purpose === what)?.[0]
  return name === undefined ? undefined : { name, native: { type: name } }
}
