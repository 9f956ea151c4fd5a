// The outcome of one health check.

export interface HealthReport {
  readonly healthy: boolean
  /** Why not; absent when healthy. Never holds a secret. */
  readonly reason?: string
  readonly latencyMs: number
  readonly checkedAtMs: number
}
