// Takes known secrets out of text that others wrote, such as an error that quotes the key it refuses.
import type { Json } from '../canonical/json.ts'

/** What stands where a secret stood. */
export const MASK = '[secret]'
/** Shorter ones would mask ordinary words. */
export const SHORTEST = 6

export function redactText(text: string, secrets: readonly string[]): string {
  let clean = text
  for (const secret of secrets) {
    if (secret.length >= SHORTEST) clean = clean.replaceAll(secret, MASK)
  }
  return clean
}

/** The same value with the secrets masked in every string and key of it. */
export function redactJson(value: Json, secrets: readonly string[]): Json {
  if (typeof value === 'string') return redactText(value, secrets)
  if (value === null || typeof value !== 'object') return value
  if (isList(value)) return value.map((item) => redactJson(item, secrets))
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, entry]) =>
      entry === undefined ? [] : [[redactText(key, secrets), redactJson(entry, secrets)]],
    ),
  )
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
