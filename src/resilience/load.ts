// How loaded this process is, as one level: what is shed grows with it, step by step.
import { PROCESS, type ProcessOptions } from './overload-options.ts'

/** What a second was like. */
export interface LoadSample {
  /** The 99th percentile of the event loop's lag. */
  readonly lagMs: number
  /** The share of the time that the event loop was busy. */
  readonly utilisation: number
}

/** 1: no batch; 2: no whole answers either; 3: nothing but what is critical. */
export type LoadLevel = 0 | 1 | 2 | 3

export type MemoryState = 'free' | 'short' | 'out'

const LEVELS: readonly LoadLevel[] = [0, 1, 2, 3]

export class Load {
  readonly #options: ProcessOptions
  #level = 0
  #memory: number = 0

  constructor(options: Partial<ProcessOptions> = {}) {
    this.#options = { ...PROCESS, ...options }
  }

  /**
   * A long lag counts at once for more; a short one does when it lasts. A loop that is always busy and
   * answers in time has no room for what can wait, and sheds nothing else: else shedding alone,
   * which costs time as well, could keep it from ever letting anything in.
   */
  heard({ lagMs, utilisation }: LoadSample): void {
    const { lagMs: lagLimit, utilisation: busyLimit } = this.#options
    const lag = lagMs / lagLimit
    if (lag > 1) {
      const measured = 1 + Math.floor(Math.log2(lag))
      this.#level = Math.min(3, Math.max(measured, this.#level + 1))
      return
    }
    const least = utilisation > busyLimit ? 1 : 0
    this.#level = lag <= 0.5 ? least : Math.max(least, this.#level - 1)
  }

  /** The share of its memory that the process uses. */
  heardMemory(share: number): void {
    this.#memory = share
  }

  get level(): LoadLevel {
    return LEVELS[this.#level] ?? 3
  }

  get memory(): MemoryState {
    const { memorySoft, memoryHard } = this.#options
    if (this.#memory >= memoryHard) return 'out'
    return this.#memory >= memorySoft ? 'short' : 'free'
  }
}
