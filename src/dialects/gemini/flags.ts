// What a target says of its models, as far as this wire differs by model; absent flags come from the model's own generation.
import { compact } from '../../canonical/compact.ts'
import type { Effort } from '../../canonical/request.ts'
import { HOSTED_KINDS, type HostedKind } from '../../canonical/tool.ts'
import { ObjectReader, isArray } from '../../wire/json.ts'
import type { Profile } from '../dialect.ts'
import { perProfile } from '../per-profile.ts'
import { hostedKinds } from '../lowering/hosted-tools.ts'

/** The flags of a profile that this dialect reads; each may be set in a provider's `settings.flags`. */
export interface GeminiFlags {
  /** How thinking is asked for: by a level, by a budget of tokens, or not at all. */
  readonly thinking: 'level' | 'budget' | 'none'
  /** Whether a budget of 0 is taken. */
  readonly thinkingOff: boolean
  /** The words taken as a level. */
  readonly levels: readonly Effort[]
  /** The fewest tokens taken as a budget. */
  readonly minBudget: number
  /** Calls of the model come back only with a signature, so calls made elsewhere need a word in its place. */
  readonly signatures: boolean
  /** Results of functions may hold pictures and documents. */
  readonly resultMedia: boolean
  /** A form of the answer may be asked for together with tools. */
  readonly schemaWithTools: boolean
  /** Functions and the vendor's own tools may be offered together. */
  readonly mixedTools: boolean
  /** Which of the vendor's own tools the model has. */
  readonly hostedTools: readonly HostedKind[]
  /** Instructions have a place of their own; without it they open the first message. */
  readonly system: boolean
}

/** The newest generation, and what nothing is known of. */
const NEWEST: GeminiFlags = {
  thinking: 'level',
  thinkingOff: false,
  levels: ['minimal', 'low', 'medium', 'high'],
  minBudget: 128,
  signatures: true,
  resultMedia: true,
  schemaWithTools: true,
  mixedTools: true,
  hostedTools: HOSTED_KINDS,
  system: true,
}

/** Newest first: the first whose `from` is not above the version in the model's name. */
const GENERATIONS: readonly (Partial<GeminiFlags> & { readonly from: number })[] = [
  { from: 3 },
  {
    from: 2.5,
    thinking: 'budget',
    thinkingOff: true,
    signatures: false,
    resultMedia: false,
    schemaWithTools: false,
    mixedTools: false,
  },
  {
    from: 0,
    thinking: 'none',
    signatures: false,
    resultMedia: false,
    schemaWithTools: false,
    mixedTools: false,
  },
]

/** The flags of one target. */
export const flagsOf: (profile: Profile) => GeminiFlags = perProfile(readFlagsOf)

function readFlagsOf(profile: Profile): GeminiFlags {
  const reader = ObjectReader.of(profile.flags, 'flags')
  const told = compact({
    thinking: THINKING.find((word) => word === reader.optionalString('thinking')),
    thinkingOff: reader.optionalBoolean('thinkingOff'),
    levels: levelsOf(reader.optionalStrings('levels')),
    minBudget: reader.optionalNumber('minBudget'),
    signatures: reader.optionalBoolean('signatures'),
    resultMedia: reader.optionalBoolean('resultMedia'),
    schemaWithTools: reader.optionalBoolean('schemaWithTools'),
    mixedTools: reader.optionalBoolean('mixedTools'),
    hostedTools: isArray(profile.flags['hostedTools']) ? hostedKinds(profile) : undefined,
    system: reader.optionalBoolean('system'),
  })
  return { ...NEWEST, ...generationOf(profile.model ?? ''), ...told }
}

function levelsOf(said: readonly string[] | undefined): readonly Effort[] | undefined {
  return said === undefined ? undefined : NEWEST.levels.filter((level) => said.includes(level))
}

const THINKING = ['level', 'budget', 'none'] as const

const GEMMA: Partial<GeminiFlags> = {
  thinking: 'none',
  signatures: false,
  resultMedia: false,
  schemaWithTools: false,
  mixedTools: false,
  hostedTools: [],
  system: false,
}

function generationOf(model: string): Partial<GeminiFlags> {
  if (/(?:^|\/)gemma/.test(model)) return GEMMA
  const version = /gemini-(?<version>\d+(?:\.\d+)?)/.exec(model)?.groups?.['version']
  const found =
    version === undefined ? undefined : GENERATIONS.find(({ from }) => Number(version) >= from)
  if (found === undefined) return {}
  const { from: _, ...flags } = found
  return { ...flags, ...familyOf(model, Number(version)) }
}

/** What a family within a generation takes otherwise. */
function familyOf(model: string, version: number): Partial<GeminiFlags> {
  if (/-tts|-native-audio/.test(model)) return { thinking: 'none' }
  // Models that draw keep the older way of thinking, if they think at all.
  if (model.includes('-image')) return { thinking: version >= 3 ? 'budget' : 'none' }
  if (version >= 3.7 && model.includes('flash')) return { levels: ['low', 'medium', 'high'] }
  // The larger model of the generation with budgets cannot be told not to think.
  return version >= 2.5 && version < 3 && model.includes('pro') ? { thinkingOff: false } : {}
}
