// What every call passes through, in order: the outermost first.
import type { Middleware } from '../exchange/exchange.ts'
import type { ProviderManager } from '../providers/manager.ts'
import { attempts } from '../resilience/attempts.ts'
import { type Pause, realPause } from '../resilience/pause.ts'
import { rateLimit } from '../resilience/rate-limit.ts'
import type { TargetHealth } from '../resilience/target-health.ts'

export interface PipelineOptions {
  readonly health: TargetHealth
  /** 0 to 1. */
  readonly random: () => number
  /** Default: real waiting. */
  readonly pause?: Pause
}

export function pipeline(
  manager: ProviderManager,
  { health, random, pause = realPause }: PipelineOptions,
): readonly Middleware[] {
  const { clock } = manager
  return [
    attempts({ health, clock, random, pause }),
    rateLimit({
      limitOf: (provider) => manager.findProvider(provider)?.config.rateLimit,
      clock,
    }),
  ]
}
