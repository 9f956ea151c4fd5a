// Binary data in JSON: base64, or the form in which Node prints a Buffer when a client forgets to encode it.
import { WireError } from '../wire/errors.ts'
import { type Item, type Json, isArray, isObject } from '../wire/json.ts'

/** Base64 as it came, or made of `{"type":"Buffer","data":[137,80,...]}`. Throws WireError for anything else. */
export function readBase64({ value, path }: Item): string {
  if (typeof value === 'string') return value
  const bytes = isObject(value) && value['type'] === 'Buffer' ? bytesIn(value['data']) : undefined
  if (bytes !== undefined) return toBase64(bytes)
  throw new WireError('wrong_type', `${path} must be a base64 string`, path)
}

function bytesIn(data: Json | undefined): readonly number[] | undefined {
  if (!isArray(data)) return undefined
  const bytes = data.filter((entry) => isByte(entry))
  return bytes.length === data.length ? bytes : undefined
}

function isByte(entry: Json): entry is number {
  return typeof entry === 'number' && Number.isInteger(entry) && entry >= 0 && entry <= 255
}

function toBase64(bytes: readonly number[]): string {
  return btoa(bytes.map((byte) => String.fromCharCode(byte)).join(''))
}
