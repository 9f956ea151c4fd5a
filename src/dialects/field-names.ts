// How a wire spells the places of a canonical request, for errors that point at one.

/** By canonical path without indexes: `sampling.stop` to `stop`. A longer entry wins over a shorter one. */
export type FieldNames = Readonly<Record<string, string>>

/**
 * The client's word for a place of its request; undefined where the wire has none. Without indexes: translation may have
 * split and merged what was counted.
 */
export function fieldName(path: string, names: FieldNames): string | undefined {
  const plain = path.replaceAll(/\[\d+\]/g, '')
  const found = Object.keys(names)
    .filter((known) => plain === known || plain.startsWith(`${known}.`))
    .toSorted((left, right) => right.length - left.length)[0]
  return found === undefined ? undefined : names[found]
}
