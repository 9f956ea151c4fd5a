// Where a request goes.

/** `model` is the name the provider knows. */
export interface Target {
  readonly provider: string
  readonly model: string
}
