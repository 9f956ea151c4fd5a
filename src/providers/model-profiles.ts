// What is known of a model in a protocol of its provider: worked out at its first call, and again once a refusal has told more.
import type { JsonObject } from '../canonical/json.ts'
import type { Profile } from '../dialects/dialect.ts'
import type { ModelFamily, Protocol } from './catalog-row.ts'
import { LearnedFlags } from './learned-flags.ts'

/** What a provider says of itself to every call. */
export interface ModelProfilesOptions {
  /** The provider's name. */
  readonly name: string
  readonly wholeByStream: boolean
  /** Whether a client's own text may pass; absent: as the model's family has it. */
  readonly passThrough: boolean | undefined
  /** Of the config: they win over what is known of the host. */
  readonly flags: JsonObject
}

export interface ModelProfile {
  /** What the dialect is told of the target. */
  readonly profile: Profile
  /** Whole answers are asked for as streams. */
  readonly wholeByStream: boolean
  /** A client's own text may pass. */
  readonly passThrough: boolean
}

/** Models that are remembered of one protocol: clients name them. */
const MODELS = 1000

export class ModelProfiles {
  readonly #options: ModelProfilesOptions
  readonly #learned = new LearnedFlags()
  readonly #known = new Map<Protocol, Map<string, ModelProfile>>()

  constructor(options: ModelProfilesOptions) {
    this.#options = options
  }

  of(protocol: Protocol, model: string): ModelProfile {
    const known = this.#known.get(protocol)?.get(model)
    if (known !== undefined) return known
    const found = this.#found(protocol, model)
    const models = this.#known.get(protocol) ?? new Map<string, ModelProfile>()
    if (models.size >= MODELS) models.clear()
    models.set(model, found)
    this.#known.set(protocol, models)
    return found
  }

  /** What a host's refusal has told of a model. */
  learn(protocol: Protocol, model: string, flags: JsonObject): void {
    this.#learned.learn(protocol, model, flags)
    this.#known.clear()
  }

  #found(protocol: Protocol, model: string): ModelProfile {
    const { name, wholeByStream, passThrough, flags } = this.#options
    const families = familiesOf(protocol, model)
    const known = Object.assign({}, protocol.flags, ...families.map((family) => family.flags))
    return {
      profile: {
        provider: name,
        model,
        flags: { ...known, ...this.#learned.of(protocol, model), ...flags },
      },
      wholeByStream: wholeByStream || families.some((family) => family.wholeByStream === true),
      passThrough: passThrough ?? families.every((family) => family.passThrough !== false),
    }
  }
}

function familiesOf({ families = [] }: Protocol, model: string): readonly ModelFamily[] {
  return families.filter(({ pattern }) => pattern.test(model))
}
