// Tool calls of one choice as their pieces come: which piece belongs to which call is the hosts' favourite disagreement.
import type { ChatEvent } from '../../canonical/event.ts'
import { type Json, type JsonObject, isObject } from '../../wire/json.ts'
import { mintToolId } from '../lowering/tool-ids.ts'
import { leftovers } from './extension.ts'
import { isSaying } from './silence.ts'

interface Call {
  readonly kind: 'function' | 'custom'
  readonly legacy: boolean
  id: string
  name: string
  /** Everything so far; what came before the name is told with it. */
  text: string
  /** Undefined until the name is known. */
  part: number | undefined
  fields: JsonObject
}

/** One piece of `delta.tool_calls`, whatever of it is there. */
interface Piece {
  readonly slot: number | undefined
  readonly id: string
  readonly kind: 'function' | 'custom'
  readonly name: string
  readonly text: string
  readonly fields: JsonObject
}

interface CallPlace {
  readonly candidate: number
  /** Names the answer, for ids that are missing. */
  readonly seed: string
  readonly nextPart: () => number
}

export class StreamedCalls {
  readonly #place: CallPlace
  readonly #calls: Call[] = []
  readonly #bySlot = new Map<number, Call>()

  constructor(place: CallPlace) {
    this.#place = place
  }

  /** Whether any call has come, named or not. */
  get any(): boolean {
    return this.#calls.length > 0
  }

  write(entry: JsonObject): readonly ChatEvent[] {
    const piece = pieceOf(entry)
    return this.#take(this.#callOf(piece), piece)
  }

  writeLegacy(entry: JsonObject): readonly ChatEvent[] {
    const piece = pieceOf({ function: entry })
    const open = this.#calls.find((call) => call.legacy)
    return this.#take(open ?? this.#open(piece, { legacy: true }), piece)
  }

  /** Ends every call; undefined when one never got a name. */
  end(): readonly ChatEvent[] | undefined {
    if (this.#calls.some((call) => call.part === undefined)) return undefined
    return this.#calls.flatMap((call) => this.#endOf(call))
  }

  /** A new id with a name is a new call, even where an index is used again; an index without either goes on; no index means the last. */
  #callOf(piece: Piece): Call {
    const { slot, id, name } = piece
    const held = slot === undefined ? this.#withoutSlot(piece) : this.#bySlot.get(slot)
    const another =
      held !== undefined && id !== '' && held.id !== '' && id !== held.id && name !== ''
    if (held !== undefined && !another) return held
    const call = this.#open(piece, { legacy: false })
    if (slot !== undefined) this.#bySlot.set(slot, call)
    return call
  }

  #withoutSlot({ id, name }: Piece): Call | undefined {
    if (id !== '') return this.#calls.find((call) => call.id === id) ?? this.#unnamed()
    return name === '' ? this.#calls.at(-1) : this.#unnamed()
  }

  /** The last call, while it still waits for its name. */
  #unnamed(): Call | undefined {
    const last = this.#calls.at(-1)
    return last?.part === undefined ? last : undefined
  }

  #open(piece: Piece, { legacy }: { readonly legacy: boolean }): Call {
    const call: Call = {
      kind: piece.kind,
      legacy,
      id: '',
      name: '',
      text: '',
      part: undefined,
      fields: {},
    }
    this.#calls.push(call)
    return call
  }

  #take(call: Call, piece: Piece): readonly ChatEvent[] {
    if (call.id === '') call.id = piece.id
    if (call.name === '') call.name = piece.name
    call.fields = { ...call.fields, ...piece.fields }
    const text = isRepeated(call.text, piece.text) ? '' : piece.text
    call.text += text
    if (call.part !== undefined) {
      if (text === '') return []
      return [{ type: 'part-delta', index: call.part, delta: { kind: 'text', text } }]
    }
    return call.name === '' ? [] : [this.#startOf(call)]
  }

  #startOf(call: Call): ChatEvent {
    const { candidate, seed, nextPart } = this.#place
    const minted = call.id === ''
    if (minted) call.id = mintToolId(`${seed}:${candidate}:${this.#calls.indexOf(call)}`)
    call.part = nextPart()
    const fields = Object.keys(call.fields).length === 0 ? undefined : call.fields
    call.fields = {}
    return {
      type: 'part-start',
      index: call.part,
      candidate,
      part: {
        type: 'tool-call',
        callId: call.id,
        ...(minted ? { callIdMinted: true as const } : {}),
        kind: call.kind,
        name: call.name,
        arguments: { text: call.text },
        ...leftovers.keptFields(fields, { slot: call.legacy ? 'function_call' : undefined }),
      },
    }
  }

  #endOf(call: Call): readonly ChatEvent[] {
    if (call.part === undefined) return []
    const late = Object.keys(call.fields).length === 0 ? undefined : call.fields
    const end: ChatEvent = { type: 'part-end', index: call.part, ...leftovers.keptFields(late) }
    if (call.kind === 'custom' || call.text.trim() !== '') return [end]
    return [{ type: 'part-delta', index: call.part, delta: { kind: 'text', text: '{}' } }, end]
  }
}

/** Old vLLM parsers send the whole arguments once more at the end. Twice the same object is no JSON, so nothing is lost. */
function isRepeated(before: string, text: string): boolean {
  return isWholeObject(text) && text === before
}

/** Whether a piece could be a call's arguments once more: it is looked at for itself. */
export function isWholeObject(text: string): boolean {
  return text.startsWith('{') && text.endsWith('}')
}

function pieceOf(entry: JsonObject): Piece {
  const kind = isObject(entry['custom']) || entry['type'] === 'custom' ? 'custom' : 'function'
  const { index, id, type: _, [kind]: inner, ...rest } = entry
  const callee = isObject(inner) ? inner : {}
  const { name, [kind === 'custom' ? 'input' : 'arguments']: said, ...beside } = callee
  const nested = spoken(beside)
  return {
    slot: typeof index === 'number' ? index : undefined,
    id: typeof id === 'string' ? id : '',
    kind,
    name: typeof name === 'string' ? name : '',
    text: textOf(said),
    fields: { ...spoken(rest), ...(Object.keys(nested).length === 0 ? {} : { [kind]: nested }) },
  }
}

function spoken(fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => isSaying(value)))
}

/** Arguments are text; some proxies send the object itself. */
function textOf(said: Json | undefined): string {
  if (typeof said === 'string') return said
  return isObject(said) ? JSON.stringify(said) : ''
}
