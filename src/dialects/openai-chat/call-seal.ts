// State of another provider on a call: it travels where Google's own endpoint for this wire puts its signatures.
import type { Sealed } from '../../canonical/part.ts'
import { type JsonObject, isObject } from '../../wire/json.ts'
import { omit } from '../lowering/rewrite.ts'
import { unwrapSeal, wrapSeal } from '../lowering/seal.ts'
import { OPENAI_CHAT } from './wire-types.ts'

interface SealedFields {
  readonly fields: JsonObject
  readonly seal?: Sealed
}

/** Takes an envelope out of a call's fields. What is none is the host's own and stays; one that was altered goes. */
export function takeCallSeal(fields: JsonObject): SealedFields {
  const { extra_content: extra } = fields
  const google = isObject(extra) ? extra['google'] : undefined
  const payload = isObject(google) ? google['thought_signature'] : undefined
  const seal = typeof payload === 'string' ? unwrapSeal(payload) : undefined
  if (seal === undefined || !isObject(extra) || !isObject(google)) return { fields }
  const rest = omit(google, ['thought_signature'])
  const others = omit(extra, ['google'])
  const left = { ...others, ...(Object.keys(rest).length === 0 ? {} : { google: rest }) }
  const without = omit(fields, ['extra_content'])
  return {
    fields: Object.keys(left).length === 0 ? without : { ...without, extra_content: left },
    ...(seal === 'foreign' ? {} : { seal }),
  }
}

/** The fields that carry it; none where the call has no such state. */
export function printCallSeal(seal: Sealed | undefined): JsonObject {
  if (seal === undefined || seal.origin.dialect === OPENAI_CHAT) return {}
  return { extra_content: { google: { thought_signature: wrapSeal(seal) } } }
}
