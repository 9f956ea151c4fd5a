// The outcome of one health check.

export type KeyStanding = 'ok' | 'invalid' | 'unknown'

export interface HealthReport {
  readonly healthy: boolean
  /** Why not; absent when healthy. Never holds a secret. */
  readonly reason?: string
  readonly latencyMs: number
  readonly checkedAtMs: number
  /** Since when it is as healthy as it is, as far as it was checked. */
  readonly sinceMs?: number
  /** What it says of its key; absent where it has none. `unknown`: the check did not come so far. */
  readonly key?: KeyStanding
}
