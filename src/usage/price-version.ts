// The name of a price by what it says: what a reservation was made at can be told from what the model costs today.
import type { ModelPrice } from './price.ts'

const known = new WeakMap<ModelPrice, string>()

/** The same for two prices where every rate is the same, whoever says so. Not for secrets: whoever may set prices could find another of its name. */
export function priceVersion(price: ModelPrice): string {
  const before = known.get(price)
  if (before !== undefined) return before
  const { name: _name, source: _source, ...said } = price
  const version = `price_${hash(canonicalText(said))}`
  known.set(price, version)
  return version
}

/** JSON with the keys of every object in order. */
function canonicalText(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (isRecord(inner) ? sorted(inner) : inner))
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function sorted(value: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(
    Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1)),
  )
}

/** 64 bits in two lanes that are mixed at the end (after MurmurHash3's finalizer): pure, and the same on every machine. */
function hash(text: string): string {
  let high = 0xdeadbeef
  let low = 0x41c6ce57
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    high = Math.imul(high ^ unit, 2654435761)
    low = Math.imul(low ^ unit, 1597334677)
  }
  const first = mixed(high) ^ Math.imul(low ^ (low >>> 13), 3266489909)
  const second = mixed(low) ^ Math.imul(first ^ (first >>> 13), 3266489909)
  return [second, first].map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('')
}

function mixed(lane: number): number {
  return Math.imul(lane ^ (lane >>> 16), 2246822507)
}
