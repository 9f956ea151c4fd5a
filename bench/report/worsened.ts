// A run against the one on record before it.

/** One line of bench/history/ratios.jsonl. */
export interface Entry {
  readonly at: string
  readonly commit: string
  readonly node: string
  readonly cpu: string
  /** Processor time against the floor's in the same run, by scenario and lane. */
  readonly ratios: Readonly<Record<string, number>>
}

/** More than this is told. */
const TOLERANCE = 1.1

export function worsened(before: Entry | undefined, now: Entry): readonly string[] {
  if (before === undefined) return []
  return Object.entries(before.ratios).flatMap(([lane, was]) => {
    const is = now.ratios[lane]
    if (is === undefined) return [`${lane} is not measured any more (${before.commit} had it).`]
    if (is <= was * TOLERANCE) return []
    const percent = Math.round((is / was - 1) * 100)
    return [
      `${lane} costs ${is.toFixed(2)} times the floor: ${percent}% more than the ${was.toFixed(2)} of ${before.commit}.`,
    ]
  })
}
