// The numbers of overload: when this process sheds, and what one target is spared.

export interface ProcessOptions {
  /** Calls under way at once. Default 5000. */
  readonly maxCalls: number
  /** The share of them that is kept for critical calls. Default 0.2. */
  readonly reserve: number
  /** Milliseconds for which a call waits for its turn. Default 1000. */
  readonly queueMs: number
  /** The 99th percentile of the event loop's lag in a second, in milliseconds. Default 100. */
  readonly lagMs: number
  /** The share of a second for which the event loop was busy. Default 0.97. */
  readonly utilisation: number
  /** The share of memory from which large bodies are refused. Default 0.92. */
  readonly memorySoft: number
  /** The share from which all but critical calls are. Default 0.95. */
  readonly memoryHard: number
}

export const PROCESS: ProcessOptions = {
  maxCalls: 5000,
  reserve: 0.2,
  queueMs: 1000,
  lagMs: 100,
  utilisation: 0.97,
  memorySoft: 0.92,
  memoryHard: 0.95,
}

/** How many calls one target gets at once. */
export interface ConcurrencyOptions {
  /** To begin with. */
  readonly initial: number
  readonly max: number
  /** Milliseconds for which a call waits for its turn. */
  readonly queueMs: number
}

export const CONCURRENCY: ConcurrencyOptions = { initial: 20, max: 1000, queueMs: 1000 }

export interface ThrottleOptions {
  /** How many calls are sent for each that is taken. Default 2. */
  readonly k: number
  /** Milliseconds that count. Default 120000. */
  readonly windowMs: number
  /** Calls in that time below which nothing is held back. Default 20. */
  readonly minCalls: number
}

export const THROTTLE: ThrottleOptions = { k: 2, windowMs: 120_000, minCalls: 20 }

export interface OverloadOptions {
  readonly process?: Partial<ProcessOptions>
  readonly concurrency?: Partial<ConcurrencyOptions> & {
    /** true: of every target; false: of none. Absent: of those whose provider says how many it takes. */
    readonly adaptive?: boolean
  }
  /** Default: as THROTTLE; false: nothing is held back. */
  readonly throttle?: Partial<ThrottleOptions> | false
}
