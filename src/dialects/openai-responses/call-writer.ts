// A call as events: what is said to the tool, piece by piece and once more as a whole.
import type { PartDelta } from '../../canonical/event.ts'
import type { Part, ToolCallPart } from '../../canonical/part.ts'
import type { JsonObject } from '../../wire/json.ts'
import { callInput } from './call.ts'
import { calleeOf } from './namespace.ts'
import { type PartPlace, type PartWriter, missing } from './part-writer.ts'

export class CallWriter implements PartWriter {
  readonly #part: ToolCallPart
  readonly #place: PartPlace
  #told = ''

  constructor(part: ToolCallPart, place: PartPlace) {
    this.#part = part
    this.#place = place
  }

  start(): readonly JsonObject[] {
    return this.#say(this.#part.arguments.text)
  }

  delta(delta: PartDelta): readonly JsonObject[] {
    return delta.kind === 'text' ? this.#say(delta.text) : []
  }

  end(part: Part): readonly JsonObject[] {
    const call = part.type === 'tool-call' ? part : this.#part
    const text = callInput(call)
    const said =
      this.#part.kind === 'function'
        ? {
            type: 'response.function_call_arguments.done',
            ...this.#at(),
            name: calleeOf(call).name,
            arguments: text,
          }
        : { type: 'response.custom_tool_call_input.done', ...this.#at(), input: text }
    return [...this.#say(missing(text, this.#told)), said]
  }

  #at(): JsonObject {
    const { item_id, output_index } = this.#place
    return { item_id, output_index }
  }

  #say(delta: string): readonly JsonObject[] {
    if (delta === '') return []
    this.#told += delta
    const type =
      this.#part.kind === 'function'
        ? 'response.function_call_arguments.delta'
        : 'response.custom_tool_call_input.delta'
    return [{ type, ...this.#at(), delta }]
  }
}
