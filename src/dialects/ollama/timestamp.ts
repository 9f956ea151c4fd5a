// Times on this wire are RFC 3339 text; Go clients fail on anything else.

const LATEST_MS = Date.parse('9999-12-31T23:59:59.999Z')

/** Milliseconds since 1970; undefined for text that is no time and for Go's zero time, which lies before it. */
export function readTimestamp(text: string | undefined): number | undefined {
  const milliseconds = Date.parse(text ?? '')
  return milliseconds >= 0 ? milliseconds : undefined
}

/** RFC 3339; a number of milliseconds that no four-digit year holds becomes the nearest one that does. */
export function writeTimestamp(milliseconds: number): string {
  const known = Number.isFinite(milliseconds) ? milliseconds : 0
  return new Date(Math.min(Math.max(known, 0), LATEST_MS)).toISOString()
}
