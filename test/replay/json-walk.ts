// Reading requests that a strict check has passed: what is not there is empty.
import { type Json, type JsonObject, isArray, isObject } from '../../src/wire/json.ts'

export function fieldsOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {}
}

export function itemsOf(value: Json | undefined): readonly JsonObject[] {
  return isArray(value) ? value.map((item) => fieldsOf(item)) : []
}

export function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}

/** Text as it is, or the texts of parts. */
export function textIn(content: Json | undefined): string {
  if (typeof content === 'string') return content
  return itemsOf(content)
    .map((part) => textOf(part['text']))
    .join('')
}

/** Base64 of data URLs; addresses give nothing. */
export function dataOf(url: Json | undefined): readonly string[] {
  const data = /^data:[^,]*,(?<data>.*)$/s.exec(textOf(url))?.groups?.['data']
  return data === undefined ? [] : [data]
}
