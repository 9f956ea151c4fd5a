// How a target is named in metrics. Clients choose the names of models, so that only names that mean something get a series.
import type { Target } from '../../exchange/target.ts'

export interface TargetLabelsOptions {
  /** Whether the configuration names it. */
  readonly isNamed: (target: Target) => boolean
  /** Models beyond these share one name. Default 200. */
  readonly maxModels?: number
}

export interface TargetLabel {
  readonly provider: string
  readonly model: string
}

/** Credentials have labels in the configuration alone, so that there are few; empty: the target as a whole. */
export interface CredentialLabel extends TargetLabel {
  readonly credential: string
}

const OTHER = 'other'
const MAX_MODELS = 200

export class TargetLabels {
  readonly #options: TargetLabelsOptions
  readonly #known = new Map<string, TargetLabel>()

  constructor(options: TargetLabelsOptions) {
    this.#options = options
  }

  /** It has answered: there is such a model. */
  answered(target: Target): void {
    this.#named(keyOf(target), target)
  }

  /** With its own name where it has answered, or the configuration names it; else as one of the others. */
  of(target: Target): TargetLabel {
    const key = keyOf(target)
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const named = this.#options.isNamed(target) ? this.#named(key, target) : undefined
    return named ?? { provider: target.provider, model: OTHER }
  }

  /** Undefined where there are too many. */
  #named(key: string, { provider, model }: Target): TargetLabel | undefined {
    const known = this.#known.get(key)
    const { maxModels = MAX_MODELS } = this.#options
    if (known !== undefined || this.#known.size >= maxModels) return known
    const label = { provider, model }
    this.#known.set(key, label)
    return label
  }
}

/** The same with the credential that it is asked with. */
export function withCredential(labels: TargetLabels, target: Target): CredentialLabel {
  return { ...labels.of(target), credential: target.credential ?? '' }
}

function keyOf({ provider, model }: Target): string {
  return `${provider}/${model}`
}
