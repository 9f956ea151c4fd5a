// The windows of a run, gathered by lane: what each cost at the least, and against the floor.
import type { Window } from '../windows.ts'

/** One lane in one scenario. */
export interface Row {
  readonly name: string
  readonly kind: Window['kind']
  readonly role: Window['role']
  readonly windows: readonly Window[]
  /** The least processor time of any window, in microseconds; absent where there is no process to look at, or most calls fail. */
  readonly cpu: number | undefined
  /** That against the floor of the same kind; `patch` is held against the floor that passes. */
  readonly ratio: number | undefined
}

export function rowsOf(windows: readonly Window[], scenario: string): readonly Row[] {
  const groups = Map.groupBy(
    windows.filter((window) => window.scenario === scenario),
    ({ subject, kind }) => `${subject}, ${kind}`,
  )
  const floors = new Map<string, number>()
  for (const group of groups.values()) {
    const [first] = group
    const least = leastOf(group.map(({ cpuMicros }) => cpuMicros))
    if (first?.role === 'floor' && least !== undefined) floors.set(first.kind, least)
  }
  return [...groups]
    .flatMap(([name, group]): Row[] => {
      const [first] = group
      if (first === undefined) return []
      const { kind, role } = first
      const cpu = leastOf(group.map(costOf))
      const floor = floors.get(kind === 'translate' ? 'translate' : 'pass')
      const ratio = cpu === undefined || floor === undefined ? undefined : cpu / floor
      return [{ name, kind, role, windows: group, cpu, ratio }]
    })
    .toSorted((left, right) => (left.cpu ?? Infinity) - (right.cpu ?? Infinity))
}

/** One that mostly fails has no cost that says anything. */
function costOf({ cpuMicros, errors, work }: Window): number | undefined {
  return errors > work * TOLERATED ? undefined : cpuMicros
}

const TOLERATED = 0.01

export function leastOf(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}
