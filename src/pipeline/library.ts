// The manager and the facade as the package exports them: every call goes through the pipeline.
import * as plain from '../providers/llm-provider.ts'
import * as bare from '../providers/manager.ts'
import { pipeline } from './pipeline.ts'

/** Many providers behind one door. Middleware of the caller's own stands outside the pipeline. */
export class ProviderManager extends bare.ProviderManager {
  constructor(options: bare.ManagerOptions = {}) {
    const { middleware: own = [] } = options
    super({
      ...options,
      middleware: (manager) => [
        ...(typeof own === 'function' ? own(manager) : own),
        ...pipeline(manager),
      ],
    })
  }
}

/** The simplest door; without a manager it makes its own. */
export class LLMProvider extends plain.LLMProvider {
  constructor(options: plain.LLMProviderOptions = {}) {
    super({ manager: options.manager ?? new ProviderManager() })
  }
}
