// Tool calls of one choice: Mistral's models send each whole, models of other makers in pieces with an empty name.
import type { ChatEvent } from '../../canonical/event.ts'
import { type Json, type JsonObject, isObject } from '../../wire/json.ts'
import { mintToolId } from '../lowering/tool-ids.ts'
import { leftovers } from './extension.ts'
import { isSaying } from './silence.ts'
import { missingId } from './tool-call.ts'

interface Call {
  readonly slot: number | undefined
  id: string
  name: string
  /** Everything so far; what came before the name is told with it. */
  text: string
  fields: JsonObject
  /** Undefined until the name is known. */
  part: number | undefined
}

interface CallPlace {
  readonly candidate: number
  /** Names the answer, for ids that are missing. */
  readonly seed: string
  readonly nextPart: () => number
}

type Piece = Omit<Call, 'part'>

export class StreamedCalls {
  readonly #place: CallPlace
  readonly #calls: Call[] = []

  constructor(place: CallPlace) {
    this.#place = place
  }

  /** Whether any call has come, named or not. */
  get any(): boolean {
    return this.#calls.length > 0
  }

  write(entry: JsonObject): readonly ChatEvent[] {
    const piece = pieceOf(entry)
    const call = this.#callOf(piece)
    if (call.id === '') call.id = piece.id
    if (call.name === '') call.name = piece.name
    call.fields = { ...call.fields, ...piece.fields }
    call.text += piece.text
    if (call.part === undefined) return call.name === '' ? [] : [this.#startOf(call)]
    if (piece.text === '') return []
    return [{ type: 'part-delta', index: call.part, delta: { kind: 'text', text: piece.text } }]
  }

  /** Ends every call; undefined when one never got a name. */
  end(): readonly ChatEvent[] | undefined {
    if (this.#calls.some((call) => call.part === undefined)) return undefined
    return this.#calls.flatMap((call) => endOf(call))
  }

  /** A new id with a name is a new call, even where the index is used again: older answers number every call 0. */
  #callOf(piece: Piece): Call {
    const held = this.#calls.findLast(
      (call) => piece.slot === undefined || call.slot === undefined || call.slot === piece.slot,
    )
    const named = piece.name !== '' && held?.part !== undefined
    const another = piece.slot === undefined || (piece.id !== '' && piece.id !== held?.id)
    if (held !== undefined && !(named && another)) return held
    const fresh: Call = { ...piece, id: '', name: '', text: '', fields: {}, part: undefined }
    this.#calls.push(fresh)
    return fresh
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
        kind: 'function',
        name: call.name,
        arguments: { text: call.text },
        ...leftovers.keptFields(fields),
      },
    }
  }
}

function endOf({ part, text, fields }: Call): readonly ChatEvent[] {
  if (part === undefined) return []
  const late = Object.keys(fields).length === 0 ? undefined : fields
  const end: ChatEvent = { type: 'part-end', index: part, ...leftovers.keptFields(late) }
  if (text.trim() !== '') return [end]
  return [{ type: 'part-delta', index: part, delta: { kind: 'text', text: '{}' } }, end]
}

function pieceOf(entry: JsonObject): Piece {
  const { index, id, type: _, function: inner, ...rest } = entry
  const { name, arguments: said, ...beside } = isObject(inner) ? inner : {}
  const nested = spoken(beside)
  return {
    slot: typeof index === 'number' ? index : undefined,
    id: typeof id === 'string' && missingId(id) === undefined ? id : '',
    name: typeof name === 'string' ? name : '',
    text: textOf(said),
    fields: { ...spoken(rest), ...(Object.keys(nested).length === 0 ? {} : { function: nested }) },
  }
}

function spoken(fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => isSaying(value)))
}

function textOf(said: Json | undefined): string {
  if (typeof said === 'string') return said
  return isObject(said) ? JSON.stringify(said) : ''
}
