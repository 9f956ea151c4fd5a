// Whom a request goes to.

/** `model` is the name the provider knows. */
export interface Target {
  readonly provider: string
  readonly model: string
}
