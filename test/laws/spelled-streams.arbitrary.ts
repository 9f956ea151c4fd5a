// A stream of a wire as bytes, in any of the ways that its framing allows.
import fc from 'fast-check'
import type { Framing } from '../../src/wire/frame.ts'
import type { JsonObject } from '../../src/wire/json.ts'

const NEWLINES = ['\n', '\r\n', '\r'] as const

export interface Spelling {
  readonly newline: string
  readonly mark: boolean
  readonly space: boolean
  readonly escaped: boolean
  /** After which frames the wire is silent aloud. */
  readonly comments: readonly number[]
}

export const spelling: fc.Arbitrary<Spelling> = fc.record({
  newline: fc.constantFrom(...NEWLINES),
  mark: fc.boolean(),
  space: fc.boolean(),
  escaped: fc.boolean(),
  comments: fc.array(fc.nat(6), { maxLength: 3 }),
})

export const PLAIN: Spelling = {
  newline: '\n',
  mark: false,
  space: true,
  escaped: false,
  comments: [],
}

export function bytesOfStream(
  framing: Framing,
  events: readonly JsonObject[],
  spelled: Spelling,
): Uint8Array {
  const { newline, mark, space, escaped, comments } = spelled
  // A CR alone ends lines of server-sent events only.
  const end = framing === 'ndjson' && newline === '\r' ? '\n' : newline
  const lines = events.map((event, at) => {
    const json = escaped ? ascii(JSON.stringify(event)) : JSON.stringify(event)
    const silence = comments.includes(at)
    if (framing === 'ndjson') return `${json}${end}${silence ? end : ''}`
    const { type } = event
    const name = typeof type === 'string' ? `event: ${type}${end}` : ''
    return `${name}data:${space ? ' ' : ''}${json}${end}${end}${silence ? `: still here${end}${end}` : ''}`
  })
  return new TextEncoder().encode(`${mark ? '\uFEFF' : ''}${lines.join('')}`)
}

function ascii(json: string): string {
  return json.replaceAll(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
