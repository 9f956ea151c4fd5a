// "Did you mean ...?": the known names closest to a word that is not among them.

/** Longer words are compared by their beginning only, so that a hostile name costs nothing. */
const COMPARED_LENGTH = 64

/**
 * The known names that a mistyped word most likely meant, nearest first, ties in alphabetical order.
 * A known name `a/b` is also compared by its `b` alone. Names too far away are left out.
 */
export function nearestNames(
  word: string,
  known: Iterable<string>,
  limit: number = 3,
): readonly string[] {
  const wanted = folded(word)
  const tolerance = Math.max(2, Math.floor(wanted.length / 3))
  return [...new Set(known)]
    .map((name) => ({ name, distance: distanceTo(wanted, folded(name)) }))
    .filter(({ distance }) => distance <= tolerance)
    .toSorted((left, right) => left.distance - right.distance || order(left.name, right.name))
    .slice(0, limit)
    .map(({ name }) => name)
}

/** Edits that turn one text into the other: insertions, deletions, replacements and swaps of neighbours. */
export function editDistance(left: string, right: string): number {
  let beforeLast: readonly number[] = []
  let last: readonly number[] = Array.from({ length: right.length + 1 }, (_, at) => at)
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1]
      const swapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]
      current.push(
        Math.min(
          at(last, column) + 1,
          at(current, column - 1) + 1,
          at(last, column - 1) + (same ? 0 : 1),
          swapped ? at(beforeLast, column - 2) + 1 : Infinity,
        ),
      )
    }
    beforeLast = last
    last = current
  }
  return at(last, right.length)
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity
}

function distanceTo(wanted: string, name: string): number {
  const tail = name.slice(name.indexOf('/') + 1)
  const contained = wanted.length >= 3 && name.includes(wanted) ? 1 : Infinity
  return Math.min(editDistance(wanted, name), editDistance(wanted, tail), contained)
}

function folded(name: string): string {
  return name.toLowerCase().slice(0, COMPARED_LENGTH)
}

function order(left: string, right: string): number {
  return left < right ? -1 : 1
}
