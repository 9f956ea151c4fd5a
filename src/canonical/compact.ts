// Objects whose optional keys are absent rather than undefined, as exactOptionalPropertyTypes wants them.

export type Compact<T> = {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K]
} & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
}

/** An object while it is put together, for what is made with every call: a key that is absent is never set. */
export type Building<T> = { -readonly [K in keyof T]: T[K] }

/** The same object without the keys that hold undefined: itself where there are none. */
export function compact<T extends object>(value: T): Compact<T>
export function compact(value: Readonly<Record<string, unknown>>): object {
  const keys = Object.keys(value)
  return keys.every((key) => value[key] !== undefined) ? value : keptOf(value, keys)
}

function keptOf(value: Readonly<Record<string, unknown>>, keys: readonly string[]): object {
  // A loop, since every call does this dozens of times: through entries it takes four times as long.
  const kept: Record<string, unknown> = {}
  for (const key of keys) {
    const entry = value[key]
    if (entry === undefined) continue
    // Anything but a key like others: to assign it would change the prototype.
    if (key === '__proto__') Object.defineProperty(kept, key, { ...PLAIN, value: entry })
    else kept[key] = entry
  }
  return kept
}

const PLAIN = { enumerable: true, configurable: true, writable: true } as const
