// Settings of a tool that a vendor runs, and what becomes of those that the target's own tool has not.
import type { Note, NoteWeight } from '../../canonical/note.ts'
import type { HostedPurpose, NativeTool, Tool } from '../../canonical/tool.ts'
import { equalJson } from '../../wire/json.ts'

/** A tool of which it is known what it is for. */
export function isHosted(tool: Tool): tool is NativeTool & { readonly purpose: HostedPurpose } {
  return tool.kind === 'native' && tool.purpose !== undefined
}

/** What keeps the tool away from places that the client does not trust; without it there is no tool (decision 011). */
const FENCES = ['allowedDomains', 'blockedDomains', 'offline'] as const

/**
 * How much a tool is missed that is not there. A search that stays inside, which agents offer with every request, is a
 * help; without it they still do their work.
 */
export function missedBy({ offline }: HostedPurpose): NoteWeight {
  return offline === true ? 2 : 3
}

/** How much each is missed. */
const WEIGHTS: Readonly<Record<Tuning, NoteWeight>> = { maxUses: 2, contextSize: 1, location: 1 }

type Tuning = 'maxUses' | 'contextSize' | 'location'
export type HostedSetting = (typeof FENCES)[number] | Tuning

/** As most wires spell them. */
const NAMES: Readonly<Record<HostedSetting, string>> = {
  allowedDomains: 'allowed_domains',
  blockedDomains: 'blocked_domains',
  offline: 'external_web_access',
  maxUses: 'max_uses',
  contextSize: 'search_context_size',
  location: 'user_location',
}

/** The names of the fences round some tools that one tool of the target cannot keep for all of them. */
export function fencesLost(
  purposes: readonly HostedPurpose[],
  settings: readonly HostedSetting[],
): readonly string[] {
  const lost = FENCES.filter((fence) => {
    const [wanted, ...others] = purposes
      .map((purpose) => purpose[fence])
      .filter((one) => one !== undefined)
    if (wanted === undefined) return false
    return !settings.includes(fence) || !others.every((other) => equalJson(other, wanted))
  })
  return lost.map((fence) => NAMES[fence])
}

/** What one tool is told that stands for several: a fence round one of them is round all. */
export function merged([first, second, ...others]: readonly [
  HostedPurpose,
  ...HostedPurpose[],
]): HostedPurpose {
  return second === undefined ? first : merged([{ ...second, ...first }, ...others])
}

const TUNING = ['maxUses', 'contextSize', 'location'] as const satisfies readonly Tuning[]

/** A note for each setting that only makes the tool better or cheaper. */
export function settingsLost(
  purpose: HostedPurpose,
  settings: readonly HostedSetting[],
  path: string,
): readonly Note[] {
  const known = TUNING.filter(
    (setting) => purpose[setting] !== undefined && !settings.includes(setting),
  ).map((setting) => [NAMES[setting], WEIGHTS[setting]] as const)
  return [...known, ...Object.entries(purpose.others ?? {})].map(([name, weight]) => ({
    action: 'dropped',
    feature: `${purpose.what.replaceAll('-', '_')}.${name}`,
    path,
    weight,
    reason: "the target's own tool has no such setting",
  }))
}
