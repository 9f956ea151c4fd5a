// Work of another vendor's tool as events: it is done already when it is told, so that its steps come at once.
import type { OpaquePart } from '../../canonical/part.ts'
import { type Json, type JsonObject, isObject } from '../../wire/json.ts'
import type { PartPlace, PartWriter } from './part-writer.ts'

export class WorkWriter implements PartWriter {
  readonly #what: string
  readonly #code: Json | undefined
  readonly #place: PartPlace

  constructor({ what, native }: OpaquePart, place: PartPlace) {
    this.#what = what
    this.#code = isObject(native) ? native['code'] : undefined
    this.#place = place
  }

  start(): readonly JsonObject[] {
    const code = this.#code
    if (typeof code !== 'string') return [this.#event('in_progress'), this.#event('searching')]
    return [
      this.#event('in_progress'),
      { ...this.#event('code.delta', '_'), delta: code },
      { ...this.#event('code.done', '_'), code },
      this.#event('interpreting'),
    ]
  }

  delta(): readonly JsonObject[] {
    return []
  }

  end(): readonly JsonObject[] {
    return [this.#event('completed')]
  }

  #event(step: string, joint: '.' | '_' = '.'): JsonObject {
    const { item_id, output_index } = this.#place
    return { type: `response.${this.#what}${joint}${step}`, item_id, output_index }
  }
}

/** The item as it is announced: without what the work brought. */
export function announced(item: JsonObject): JsonObject {
  const { encrypted_content: _, ...rest } = item
  const known = { ...rest, status: 'in_progress' }
  return item['type'] === 'code_interpreter_call' ? { ...known, code: '', outputs: [] } : known
}
