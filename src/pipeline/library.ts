// The manager and the facade as the package exports them: every call goes through the pipeline.
import * as plain from '../providers/llm-provider.ts'
import * as bare from '../providers/manager.ts'
import type { Pause } from '../resilience/pause.ts'
import { TargetHealth } from '../resilience/target-health.ts'
import { pipeline } from './pipeline.ts'

export interface ManagerOptions extends bare.ManagerOptions {
  /** 0 to 1, for jitter and shares. Default Math.random. */
  readonly random?: () => number
  /** How to wait between attempts. Default: real waiting. */
  readonly pause?: Pause
}

/** Many providers behind one door. Middleware of the caller's own stands outside the pipeline. */
export class ProviderManager extends bare.ProviderManager {
  /** What is known of every target from the calls it got. */
  readonly targets: TargetHealth

  constructor(options: ManagerOptions = {}) {
    const { middleware: own = [], random = Math.random, clock = Date.now, pause } = options
    const health = new TargetHealth({ clock, random })
    super({
      ...options,
      middleware: (manager) => [
        ...(typeof own === 'function' ? own(manager) : own),
        ...pipeline(manager, { health, random, ...(pause === undefined ? {} : { pause }) }),
      ],
    })
    this.targets = health
  }
}

/** The simplest door; without a manager it makes its own. */
export class LLMProvider extends plain.LLMProvider {
  constructor(options: plain.LLMProviderOptions = {}) {
    super({ manager: options.manager ?? new ProviderManager() })
  }
}
