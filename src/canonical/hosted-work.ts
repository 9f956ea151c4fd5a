// What a tool that the vendor runs was asked and what it brought: as much of it as another vendor's wire can show.

export interface HostedSource {
  readonly url: string
  readonly title?: string
}

export interface HostedWork {
  /** `other`: no other vendor has the like. */
  readonly tool: 'web-search' | 'web-fetch' | 'code-execution' | 'other'
  /** What the part tells: the asking, the outcome, or both. */
  readonly phase: 'call' | 'result' | 'both'
  /** The vendor's id, which joins a call and its result; some wires have none. */
  readonly id?: string
  readonly queries?: readonly string[]
  /** The page to be opened. */
  readonly url?: string
  readonly code?: string
  /** Absent: Python. */
  readonly language?: 'shell'
  readonly sources?: readonly HostedSource[]
  /** What the code printed. */
  readonly output?: string
  /** The vendor's word for what went wrong. */
  readonly failed?: string
}
