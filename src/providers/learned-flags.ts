// What a host's refusals have told of its models, for later calls; kept in memory, the oldest forgotten first.
import type { JsonObject } from '../canonical/json.ts'
import type { Protocol } from './catalog-row.ts'

const MODELS = 1000

export class LearnedFlags {
  readonly #flags = new Map<string, JsonObject>()

  of(protocol: Protocol, model: string): JsonObject {
    return this.#flags.get(keyOf(protocol, model)) ?? {}
  }

  learn(protocol: Protocol, model: string, flags: JsonObject): void {
    const key = keyOf(protocol, model)
    const known = this.of(protocol, model)
    this.#flags.delete(key)
    this.#flags.set(key, { ...known, ...flags })
    const [oldest] = this.#flags.keys()
    if (this.#flags.size > MODELS && oldest !== undefined) this.#flags.delete(oldest)
  }
}

function keyOf({ dialect }: Protocol, model: string): string {
  return `${dialect.id} ${model}`
}
