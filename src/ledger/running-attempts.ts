// The answers that are coming in: every while, what they have used so far is written down, for whoever must settle them if this process dies.
import type { Checkpoint, Ledger } from './ledger.ts'

/** Runs something again and again and gives the way to call it off. */
type Every = (milliseconds: number, run: () => void) => () => void

export const CHECKPOINT_MS = 2000

export interface RunningOptions {
  readonly ledger: Pick<Ledger, 'checkpoint'>
  readonly every: Every
  /** Default CHECKPOINT_MS. */
  readonly intervalMs?: number
}

/** What an attempt has used so far; undefined where that is no news. */
type Report = () => Checkpoint | undefined

export class RunningAttempts {
  readonly #options: RunningOptions
  readonly #reports = new Set<Report>()
  #stop: (() => void) | undefined

  constructor(options: RunningOptions) {
    this.#options = options
  }

  /** Gives how to leave. */
  add(report: Report): () => void {
    this.#reports.add(report)
    const { every, intervalMs = CHECKPOINT_MS } = this.#options
    this.#stop ??= every(intervalMs, () => this.#check())
    return () => {
      this.#reports.delete(report)
      if (this.#reports.size > 0) return
      this.#stop?.()
      this.#stop = undefined
    }
  }

  #check(): void {
    const checkpoints = [...this.#reports].flatMap((report) => report() ?? [])
    if (checkpoints.length === 0) return
    // One that is lost makes a guess coarser, and no more.
    this.#options.ledger.checkpoint(checkpoints).catch(() => undefined)
  }
}
