// The items of kept responses: what was sent, what was answered, and under which ids both are known.
import type { KeptAnswer } from '../../canonical/kept-answer.ts'
import { type Json, type JsonObject, isArray, isObject, parseJson } from '../../wire/json.ts'

/** The input as items; a bare text is a message of the user. */
export function inputItems(input: Json | undefined): readonly JsonObject[] {
  if (typeof input === 'string') return [{ role: 'user', content: input }]
  return isArray(input) ? input.filter((item) => isObject(item)) : []
}

/** As the client sent them. */
export function askedItems({ input }: KeptAnswer): readonly JsonObject[] {
  return inputItems(parseJson(input))
}

/** As the client got them. */
export function answeredItems({ answer }: KeptAnswer): readonly JsonObject[] {
  const response = parseJson(answer)
  return isObject(response) ? inputItems(response['output']) : []
}

/** The id of an item that the client sent without what it stands for. */
export function referenceOf(item: JsonObject): string | undefined {
  const { type, id, role } = item
  const bare = type === undefined && role === undefined
  return typeof id === 'string' && (type === 'item_reference' || bare) ? id : undefined
}

export function idOf({ id }: JsonObject): string | undefined {
  return typeof id === 'string' && id !== '' ? id : undefined
}

const PREFIXES: Readonly<Record<string, string>> = {
  message: 'msg',
  reasoning: 'rs',
  function_call: 'fc',
  function_call_output: 'fco',
  custom_tool_call: 'ctc',
  custom_tool_call_output: 'ctco',
}

/** Where an item stands in a kept response: `in0`, `out2`. */
export interface ItemPlace {
  readonly answerId: string
  readonly place: string
}

/** The id under which an item that has none is listed: always the same. */
function mintedId(item: JsonObject, { answerId, place }: ItemPlace): string {
  const type = typeof item['type'] === 'string' ? item['type'] : 'message'
  return `${PREFIXES[type] ?? 'item'}_${answerId.replace(/^resp_/, '')}_${place}`
}

/** The ids under which a kept response lists what was sent for it; undefined for what was only named. */
export function askedIds(kept: KeptAnswer): readonly (string | undefined)[] {
  return askedItems(kept).map((item, at) =>
    referenceOf(item) === undefined
      ? (idOf(item) ?? mintedId(item, { answerId: kept.id, place: `in${at}` }))
      : undefined,
  )
}

/** Items as lists show them: with all that the short spellings leave out, and no id twice. */
export class ItemList {
  readonly items: JsonObject[] = []
  readonly #ids = new Set<string>()

  add(item: JsonObject, place: ItemPlace): void {
    const own = idOf(item)
    const isKnown = own !== undefined && this.#ids.has(own)
    if (isKnown && referenceOf(item) !== undefined) return
    const id = own === undefined || isKnown ? mintedId(item, place) : own
    this.#ids.add(id)
    this.items.push(listed(item, id))
  }
}

function listed(item: JsonObject, id: string): JsonObject {
  const { type = 'message', role, content } = item
  if (type !== 'message' || referenceOf(item) !== undefined) return { ...item, id }
  const text = role === 'assistant' ? 'output_text' : 'input_text'
  const spoken = typeof content === 'string' ? [{ type: text, text: content }] : content
  return { status: 'completed', ...item, id, type, content: spoken ?? [] }
}
