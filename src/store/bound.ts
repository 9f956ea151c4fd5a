// What may stand in a statement: the same for every database, so that none takes what another refuses.
import type { Statement, Value } from './operation.ts'

/** Throws TypeError. */
export function bound({ values = [] }: Statement): Value[] {
  return values.map(sound)
}

function sound(value: Value, at: number): Value {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new TypeError(`$${at + 1} is no whole number within 2^53`)
  }
  // PostgreSQL has no such text.
  if (typeof value === 'string' && value.includes('\0')) {
    throw new TypeError(`$${at + 1} is text with a NUL in it`)
  }
  return value
}
