// Whom a request goes to.

/** `model` is the name the provider knows. */
export interface Target {
  readonly provider: string
  readonly model: string
  /** The public label of the credential that it is asked with, such as `k1`; never the key. Absent until one is chosen. */
  readonly credential?: string
}

/** `openai/gpt-5#k1` */
export function targetName({ provider, model, credential }: Target): string {
  return `${provider}/${model}${credential === undefined ? '' : `#${credential}`}`
}
