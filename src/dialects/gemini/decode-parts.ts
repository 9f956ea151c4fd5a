// Parts as they stand in a content: text, thoughts, media, calls and results; all else only the vendor understands.
import { compact } from '../../canonical/compact.ts'
import type { Part, ToolCallPart } from '../../canonical/part.ts'
import { WireError } from '../../wire/errors.ts'
import { type Item, isObject } from '../../wire/json.ts'
import { mintToolId } from '../lowering/tool-ids.ts'
import { Fields } from './fields.ts'
import { workOf } from './hosted-work.ts'
import { decodeFile, decodeInline } from './media.ts'
import { isNoSeal, readSeal } from './seals.ts'
import { camelCase } from './spelling.ts'
import { decodeResult } from './tool-results.ts'
import { GEMINI } from './wire-types.ts'

/** Gives ids to calls and results that came without. */
export interface CallIds {
  /** `seed` names the place of the call. */
  called(call: {
    readonly id: string | undefined
    readonly name: string
    readonly seed: string
  }): string
  /** The id of the call that a result answers. */
  answered(result: {
    readonly id: string | undefined
    readonly name: string
    readonly seed: string
  }): string
}

/** `seed` names the part's place in the conversation or the answer. */
export function decodePart(item: Item, seed: string, ids: CallIds): Part {
  const fields = Fields.of(item.value, item.path)
  const kind = KINDS.find((key) => fields.has(key))
  if (kind === undefined) return opaque(item, undefined)
  // A picture drawn while thinking is no part of what the model says.
  const draft = fields.peek('thought') === true && (kind === 'inlineData' || kind === 'fileData')
  if (draft) return opaque(item, kind)
  return DECODERS[kind](fields, seed, ids)
}

/** A part of an answer that is none of the kinds it claims to be, such as a call without a name, stays as it came. */
export function decodeAnswerPart(item: Item, seed: string, ids: CallIds): Part {
  try {
    return decodePart(item, seed, ids)
  } catch (thrown) {
    if (thrown instanceof WireError) return opaque(item, undefined)
    throw thrown
  }
}

const KINDS = ['functionCall', 'functionResponse', 'inlineData', 'fileData', 'text'] as const

function opaque(item: Item, kind: string | undefined): Part {
  const known = isObject(item.value) ? Object.keys(item.value) : []
  const what = kind ?? camelCase(known.find((key) => !key.startsWith('thought')) ?? 'part')
  const work = compact({ hosted: workOf(what, item.value) })
  return { type: 'opaque', origin: { dialect: GEMINI }, ...work, what, native: item.value }
}

type Decoder = (fields: Fields, seed: string, ids: CallIds) => Part

const DECODERS: Readonly<Record<(typeof KINDS)[number], Decoder>> = {
  text(fields) {
    const text = fields.string('text')
    const thought = fields.optionalBoolean('thought')
    const type = thought === true ? 'reasoning' : 'text'
    const spelled = thought === false ? { thought } : {}
    return { type, text, ...sealOf(fields), ...fields.kept(spelled) }
  },

  inlineData(fields) {
    const { shape, ...media } = decodeInline(inside(fields, 'inlineData'))
    return { ...media, ...sealOf(fields), ...fields.kept(shape) }
  },

  fileData(fields) {
    const { shape, ...media } = decodeFile(inside(fields, 'fileData'))
    return { ...media, ...sealOf(fields), ...fields.kept(shape) }
  },

  functionCall(fields, seed, ids) {
    const call = inside(fields, 'functionCall')
    const name = call.string('name')
    const id = filled(call, 'id')
    const given = call.peek('args')
    const args = isObject(given) ? given : {}
    if (isObject(given)) call.value('args')
    return {
      type: 'tool-call',
      callId: ids.called({ id, name, seed }),
      ...(id === undefined ? { callIdMinted: true } : {}),
      kind: 'function',
      name,
      arguments: { text: JSON.stringify(args), json: args },
      ...sealOf(fields),
      ...fields.kept(
        compact({
          id: id === undefined ? 'absent' : undefined,
          args: isObject(given) ? undefined : 'absent',
        }),
      ),
    } satisfies ToolCallPart
  },

  functionResponse(fields, seed, ids) {
    const response = inside(fields, 'functionResponse')
    const name = response.string('name')
    const id = filled(response, 'id')
    const { content, isError, shape } = decodeResult(response)
    return {
      type: 'tool-result',
      callId: ids.answered({ id, name, seed }),
      name,
      content,
      ...compact({ isError }),
      ...sealOf(fields),
      ...fields.kept({ ...shape, id: id === undefined ? 'absent' : undefined }),
    }
  },
}

function inside(fields: Fields, key: string): Fields {
  return fields.optionalFields(key) ?? fields
}

/** An empty id is none: it stays a leftover. */
function filled(fields: Fields, key: string): string | undefined {
  return fields.peek(key) === '' ? undefined : fields.optionalString(key)
}

function sealOf(fields: Fields): Pick<Part, 'seal'> {
  if (isNoSeal(fields.peek('thoughtSignature'))) return {}
  return compact({ seal: readSeal(fields.optionalString('thoughtSignature')) })
}

/** Within one answer: a call without an id gets one from its place among the calls. */
export class AnswerCalls implements CallIds {
  readonly #answer: string
  #calls = 0

  /** `answer` names the answer and the candidate. */
  constructor(answer: string) {
    this.#answer = answer
  }

  called({ id }: Parameters<CallIds['called']>[0]): string {
    this.#calls += 1
    return id ?? mintToolId(`${this.#answer}.${this.#calls}`)
  }

  answered({ id, seed }: Parameters<CallIds['answered']>[0]): string {
    return id ?? mintToolId(seed)
  }
}
