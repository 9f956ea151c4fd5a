// What a long fetch says of itself while it runs.

export interface FetchProgress {
  /** `engine`: the program that runs models; `model`: its weights. */
  readonly what: 'engine' | 'model'
  /** Where it comes from, for people. */
  readonly source: string
  readonly bytes: number
  /** Absent while nobody knows. */
  readonly totalBytes?: number
}

export type OnProgress = (progress: FetchProgress) => void
