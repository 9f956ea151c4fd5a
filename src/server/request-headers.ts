// The headers of a request, from the list of names and values that the parser gives: read once, in the order in which they came.
import type { WireHeaders } from '../wire/message.ts'

/** By lower-case name; what came several times under one name is joined by commas. */
export function headersIn(raw: readonly string[]): WireHeaders {
  const headers: Record<string, string> = {}
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = (raw[at] ?? '').toLowerCase()
    const value = raw[at + 1] ?? ''
    // To assign it would change the prototype, and no header of that name means anything.
    if (name === '__proto__') continue
    headers[name] = Object.hasOwn(headers, name) ? `${headers[name] ?? ''}, ${value}` : value
  }
  return headers
}

/** Each value of one header. */
export function valuesIn(raw: readonly string[], name: string): readonly string[] {
  const values: string[] = []
  for (let at = 0; at + 1 < raw.length; at += 2) {
    if (raw[at]?.toLowerCase() === name) values.push(raw[at + 1] ?? '')
  }
  return values
}
