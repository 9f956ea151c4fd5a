// Keywords of a JSON schema that a target does not know, in words that the model reads.
import { type Json, type JsonObject, isArray, isObject } from '../../wire/json.ts'

/** Whether a keyword's value can be told in a few words. */
function isTellable(value: Json | undefined): boolean {
  if (value === undefined || isObject(value)) return false
  return !isArray(value) || value.every((item) => !isArray(item) && !isObject(item))
}

/** The schema with what it no longer says in keywords put behind its description: `Count. (minimum: 1; maximum: 5)`. */
export function toldInWords(schema: JsonObject, keywords: JsonObject): JsonObject {
  const told = Object.entries(keywords).filter(([, value]) => isTellable(value))
  if (told.length === 0) return schema
  const words = `(${told.map(([key, value]) => `${key}: ${wordOf(value)}`).join('; ')})`
  const { description } = schema
  return {
    ...schema,
    description: typeof description === 'string' ? `${description} ${words}` : words,
  }
}

function wordOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
