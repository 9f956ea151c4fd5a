// Counts as counts must be: what a provider says that is none is left out, and said.
import type { Usage } from '../canonical/usage.ts'

/** More than any call has ever used. */
export const MOST_TOKENS = 1_000_000_000

export interface SoundUsage {
  readonly usage: Usage
  /** Where something stood that is no count, such as `input.total`. */
  readonly unsound: readonly string[]
}

type Counts = Readonly<Record<string, number | undefined>>

/** Below 0, not whole, not finite or past all reason is unknown, never booked: a negative count would give money back. */
export function soundUsage(usage: Usage): SoundUsage {
  const { input, output, hosted, total } = usage
  if (isCount(total) && areCounts(input) && areCounts(output) && areCounts(hosted)) {
    return { usage, unsound: NONE }
  }
  return corrected(usage)
}

const NONE: readonly string[] = []

function areCounts(counts: object | undefined): boolean {
  return counts === undefined || Object.values(counts).every((count) => isCount(count))
}

function corrected({ input, output, hosted, total, ...more }: Usage): SoundUsage {
  const unsound: string[] = []
  const kept = <Kind extends object>(counts: Kind, place: string): Kind => {
    const wrong = Object.entries(counts).filter(([, count]) => !isCount(count))
    if (wrong.length === 0) return counts
    const rest = { ...counts }
    for (const [name] of wrong) {
      unsound.push(place === '' ? name : `${place}.${name}`)
      Reflect.deleteProperty(rest, name)
    }
    return rest
  }
  const sums: Counts = kept(total === undefined ? {} : { total }, '')
  const sound = {
    ...more,
    ...sums,
    ...(input === undefined ? {} : { input: kept(input, 'input') }),
    ...(output === undefined ? {} : { output: kept(output, 'output') }),
    ...(hosted === undefined ? {} : { hosted: kept(hosted, 'hosted') }),
  }
  return { usage: sound, unsound }
}

function isCount(count: unknown): boolean {
  if (count === undefined) return true
  return (
    typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 && count <= MOST_TOKENS
  )
}
