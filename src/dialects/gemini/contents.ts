// `contents` and `systemInstruction`: turns one to one, with results given back the ids of the calls they answer.
import { GatewayError } from '../../canonical/errors.ts'
import type { Part } from '../../canonical/part.ts'
import type { Role, Turn } from '../../canonical/request.ts'
import type { Item, Json, JsonObject } from '../../wire/json.ts'
import { mintToolId } from '../lowering/tool-ids.ts'
import { type CallIds, decodePart } from './decode-parts.ts'
import { leftovers, printed } from './extension.ts'
import { Fields } from './fields.ts'
import { returnedWork } from './hosted-work.ts'
import { joinLateSeals } from './late-seals.ts'
import { encodePart } from './print-parts.ts'

export function decodeContents(items: readonly Item[]): readonly Turn[] {
  const ids = new OpenCalls()
  let before: Role | undefined
  const turns = items.map((item, at): Turn => {
    const fields = Fields.of(item.value, item.path)
    const { role, came } = readRole(fields)
    // The vendor's client keeps every chunk of a streamed answer as a content of its own.
    if (role === 'assistant' && before !== 'assistant') ids.next()
    before = role
    const parts = decodeParts(fields, `contents.${at}`, ids)
    return {
      role,
      parts,
      ...fields.kept({ role: came, parts: fields.has('parts') ? undefined : 'absent' }),
    }
  })
  return joinLateSeals(turns)
}

/** Its role, if it has one, says nothing. */
export function decodeSystem(fields: Fields): Turn {
  const role = fields.value('role')
  const parts = decodeParts(fields, 'systemInstruction', new OpenCalls())
  const absent = fields.has('parts') ? undefined : 'absent'
  return { role: 'system', place: 'top', parts, ...fields.kept({ role, parts: absent }) }
}

function decodeParts(fields: Fields, seed: string, ids: CallIds): readonly Part[] {
  const items = fields.optionalItems('parts') ?? []
  return items.flatMap(
    (item, at): readonly Part[] =>
      returnedWork(item.value) ?? [decodePart(item, `${seed}.${at}`, ids)],
  )
}

const ROLES: ReadonlyMap<string, Role> = new Map([
  ['user', 'user'],
  ['model', 'assistant'],
  // Older clients answer calls under a role of its own.
  ['function', 'tool'],
])

function readRole(fields: Fields): { readonly role: Role; readonly came: string | undefined } {
  const word = fields.peek('role') === '' ? undefined : fields.optionalString('role')
  if (word === undefined) return { role: 'user', came: 'absent' }
  const role = ROLES.get(word)
  if (role !== undefined) return { role, came: role === 'tool' ? word : undefined }
  const path = fields.path('role')
  throw new GatewayError('invalid_request', `${path} is "${word}": expected user or model.`, {
    origin: 'client',
    param: path,
    code: 'invalid_value',
  })
}

/** Calls that wait for their result. Neither side need give ids: a result answers the first open call of its name. */
class OpenCalls implements CallIds {
  #open: { readonly id: string; readonly name: string }[] = []

  /** The model answers anew: nobody waits any more. */
  next(): void {
    this.#open = []
  }

  called({ id, name, seed }: Parameters<CallIds['called']>[0]): string {
    const known = id ?? mintToolId(seed)
    this.#open.push({ id: known, name })
    return known
  }

  answered({ id, name, seed }: Parameters<CallIds['answered']>[0]): string {
    const at = this.#open.findIndex((call) =>
      id === undefined ? call.name === name : call.id === id,
    )
    const [call] = at === -1 ? [] : this.#open.splice(at, 1)
    return id ?? call?.id ?? mintToolId(seed)
  }
}

export function encodeContents(turns: readonly Turn[]): readonly JsonObject[] {
  return turns.filter((turn) => turn.place !== 'top').map((turn) => encodeContent(turn))
}

function encodeContent(turn: Turn): JsonObject {
  const { role, parts } = leftovers.shapeOf(turn)
  const word = typeof role === 'string' ? role : turn.role === 'assistant' ? 'model' : 'user'
  return printed(turn, {
    role: word === 'absent' ? undefined : word,
    parts: parts === 'absent' && turn.parts.length === 0 ? undefined : encodeParts(turn.parts),
  })
}

/** All instructions as one content; undefined where there are none. */
export function encodeSystem(turns: readonly Turn[]): JsonObject | undefined {
  const top = turns.filter((turn) => turn.place === 'top')
  const [first] = top
  if (first === undefined) return undefined
  const { role, parts: came } = leftovers.shapeOf(first)
  const parts = top.flatMap((turn) => turn.parts)
  return printed(first, {
    role,
    parts: came === 'absent' && parts.length === 0 ? undefined : encodeParts(parts),
  })
}

export function encodeParts(parts: readonly Part[]): readonly Json[] {
  return parts.flatMap((part) => encodePart(part) ?? [])
}
