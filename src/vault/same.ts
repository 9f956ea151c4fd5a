// Whether two settings say the same, secrets too; nothing of them is shown.
import { Secret } from './secret.ts'

export function isSame(one: unknown, other: unknown): boolean {
  if (one instanceof Secret || other instanceof Secret) {
    return one instanceof Secret && other instanceof Secret && one.reveal() === other.reveal()
  }
  if (typeof one !== 'object' || typeof other !== 'object') return Object.is(one, other)
  if (one === null || other === null) return one === other
  if (Array.isArray(one) !== Array.isArray(other)) return false
  const [left, right] = [entriesOf(one), entriesOf(other)]
  return (
    left.size === right.size &&
    [...left].every(([key, value]) => right.has(key) && isSame(value, right.get(key)))
  )
}

/** A key without a value is no key. */
function entriesOf(value: object): ReadonlyMap<string, unknown> {
  return new Map(Object.entries(value).filter(([, entry]) => entry !== undefined))
}
