// What a target says of its models, as far as this wire differs by model; absent flags come from the model's own generation.
import { compact } from '../../canonical/compact.ts'
import type { Effort } from '../../canonical/request.ts'
import { HOSTED_KINDS, type HostedKind } from '../../canonical/tool.ts'
import { ObjectReader, isArray } from '../../wire/json.ts'
import type { Profile } from '../dialect.ts'
import { perProfile } from '../per-profile.ts'
import { hostedKinds } from '../lowering/hosted-tools.ts'

/** The flags of a profile that this dialect reads; each may be set in a provider's `settings.flags`. */
export interface MessageFlags {
  /** `max_tokens` where the client named none: the wire demands one. */
  readonly defaultMaxTokens: number
  /** `one`: temperature or top_p, not both. `rejected`: the model takes no temperature, top_p or top_k. */
  readonly sampling: 'accepted' | 'one' | 'rejected'
  /** How thinking is asked for: by a budget of tokens, or left to the model. `none`: the model cannot think. */
  readonly thinking: 'budget' | 'adaptive' | 'both' | 'none'
  /** The words that `output_config.effort` may have; empty where they are not known. */
  readonly efforts: readonly Effort[]
  /** Whether a call may be forced while the model decides how much to think. */
  readonly forcedWhileAdaptive: boolean
  /** Whether `output_config.format` is understood. */
  readonly structuredOutput: boolean
  /** Whether a conversation may end in the beginning of the answer. */
  readonly prefill: boolean
  /** Whether instructions may stand between the messages. */
  readonly systemTurns: boolean
  /** Which of the vendor's own tools the model has. Default all. */
  readonly hostedTools: readonly HostedKind[]
  /** Whether signatures hold that another provider of the same models gave. */
  readonly sharedSignatures: boolean
}

/** Of a model that nothing is known of. */
const UNKNOWN: MessageFlags = {
  defaultMaxTokens: 8192,
  sampling: 'accepted',
  thinking: 'both',
  efforts: [],
  forcedWhileAdaptive: true,
  structuredOutput: true,
  prefill: true,
  systemTurns: false,
  hostedTools: HOSTED_KINDS,
  sharedSignatures: false,
}

/** The vendor's generations, newest first: the first whose `from` is not above the version in the model's name. */
const GENERATIONS: readonly (Partial<MessageFlags> & { readonly from: number })[] = [
  {
    from: 4.7,
    defaultMaxTokens: 16_384,
    sampling: 'rejected',
    thinking: 'adaptive',
    efforts: ['low', 'medium', 'high', 'xhigh', 'max'],
    prefill: false,
  },
  {
    from: 4.6,
    defaultMaxTokens: 16_384,
    sampling: 'one',
    efforts: ['low', 'medium', 'high', 'max'],
    prefill: false,
  },
  { from: 4.5, defaultMaxTokens: 16_384, sampling: 'one', thinking: 'budget' },
  { from: 4.1, sampling: 'one', thinking: 'budget' },
  { from: 3.7, thinking: 'budget', structuredOutput: false },
  { from: 0, defaultMaxTokens: 4096, thinking: 'none', structuredOutput: false },
]

/** The flags of one target. */
export const messageFlags: (profile: Profile) => MessageFlags = perProfile(readFlagsOf)

function readFlagsOf(profile: Profile): MessageFlags {
  const reader = ObjectReader.of(profile.flags, 'flags')
  const told = isArray(profile.flags['hostedTools']) ? { hostedTools: hostedKinds(profile) } : {}
  return { ...UNKNOWN, ...generationOf(profile.model ?? ''), ...readFlags(reader), ...told }
}

/** Where it is known that a model goes on with a begun answer: the vendor's older generations, and who is configured so. */
export function goesOn(profile: Profile): boolean {
  const isKnown = VERSION.test(profile.model ?? '') || profile.flags['prefill'] === true
  return isKnown && messageFlags(profile).prefill
}

/** `claude-opus-4-7`, `vendor/claude-sonnet-4.5`, `claude-3-5-haiku-latest`; dates are longer and do not count. */
const VERSION = /claude(?:-[a-z]+)*-(?<major>\d)(?:[-.](?<minor>\d)(?!\d))?(?!\d)/

function generationOf(model: string): Partial<MessageFlags> {
  const { major, minor = '0' } = VERSION.exec(model)?.groups ?? {}
  if (major === undefined) return {}
  const version = Number(`${major}.${minor}`)
  const found = GENERATIONS.find((generation) => version >= generation.from)
  if (found === undefined) return {}
  const { from: _, ...flags } = found
  const forcedWhileAdaptive = !/fable|mythos/.test(model)
  // They hold on every platform that serves the vendor's models (extended thinking guide, 2026).
  return { ...flags, forcedWhileAdaptive, sharedSignatures: true }
}

const SAMPLING = ['accepted', 'one', 'rejected'] as const
const THINKING = ['budget', 'adaptive', 'both', 'none'] as const
const EFFORT_WORDS = ['minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const

function readFlags(reader: ObjectReader): Partial<MessageFlags> {
  const efforts = reader.optionalStrings('efforts')
  return compact({
    defaultMaxTokens: reader.optionalNumber('defaultMaxTokens'),
    sampling: SAMPLING.find((word) => word === reader.optionalString('sampling')),
    thinking: THINKING.find((word) => word === reader.optionalString('thinking')),
    efforts:
      efforts === undefined ? undefined : EFFORT_WORDS.filter((word) => efforts.includes(word)),
    forcedWhileAdaptive: reader.optionalBoolean('forcedWhileAdaptive'),
    structuredOutput: reader.optionalBoolean('structuredOutput'),
    prefill: reader.optionalBoolean('prefill'),
    systemTurns: reader.optionalBoolean('systemTurns'),
    sharedSignatures: reader.optionalBoolean('sharedSignatures'),
  })
}
