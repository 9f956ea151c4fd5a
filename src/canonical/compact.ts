// Objects whose optional keys are absent rather than undefined, as exactOptionalPropertyTypes wants them.

export type Compact<T> = {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K]
} & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
}

/** The object without the keys that hold undefined: itself where it has none. */
export function compact<T extends object>(value: T): Compact<T>
export function compact(value: object): object {
  // Most objects hold nothing that has to go: those stay themselves, since this is done many times a call.
  if (!Object.values(value).includes(undefined)) return value
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined))
}
