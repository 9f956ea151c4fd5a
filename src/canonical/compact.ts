// Objects whose optional keys are absent rather than undefined, as exactOptionalPropertyTypes wants them.

export type Compact<T> = {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K]
} & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
}

/** The same object without the keys that hold undefined. */
export function compact<T extends object>(value: T): Compact<T>
export function compact(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined))
}
