// Text that somebody else wrote, for the terminal: no control characters reach it.

const SHOWN = 200

export function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, SHOWN)
}
