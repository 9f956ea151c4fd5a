// What must hold, as numbers of one run: each target beside what was measured, and whether it holds.
import type { StartUp } from '../start-up.ts'
import type { Window } from '../windows.ts'
import { type Row, leastOf, rowsOf } from './rows.ts'

export interface Verdict {
  readonly what: string
  /** Undefined where this run has not measured it. */
  readonly measured: number | undefined
  readonly bound: number
  readonly holds: boolean | undefined
  readonly unit: string
}

interface Measurements {
  readonly windows: readonly Window[]
  readonly startUps: readonly StartUp[]
}

type Bound = Pick<Verdict, 'what' | 'bound' | 'unit'> & {
  readonly sense: 'at most' | 'at least'
  readonly read: (run: Measurements) => number | undefined
}

const BARE = 'patchbay bare'
const REAL = 'patchbay real'
const PEER = 'portkey'

export function verdicts(run: Measurements): readonly Verdict[] {
  return BOUNDS.map(({ what, bound, unit, sense, read }) => {
    const measured = read(run)
    const holds =
      measured === undefined
        ? undefined
        : sense === 'at most'
          ? measured <= bound
          : measured >= bound
    return { what: `${what}: ${sense}`, measured, bound, holds, unit }
  })
}

interface LaneOf {
  readonly subject: string
  readonly kind: Row['kind']
  readonly scenario: string
}

function rowOf({ windows }: Measurements, { subject, kind, scenario }: LaneOf): Row | undefined {
  return rowsOf(windows, scenario).find((row) => row.name === `${subject}, ${kind}`)
}

function ratio(what: string, lane: LaneOf, bound: number): Bound {
  return {
    what: `processor, ${what}, of the floor`,
    bound,
    unit: '×',
    sense: 'at most',
    read: (run) => rowOf(run, lane)?.ratio,
  }
}

type Timing = 'p50' | 'p99' | 'firstByteP50' | 'firstByteP99' | 'delayP99'

/** The best window's. */
function best(windows: readonly Window[], timing: Timing): number | undefined {
  return leastOf(windows.map((window) => window[timing]))
}

interface Later {
  readonly scenario: string
  readonly timing: Timing
  readonly bound: number
}

/** How much later an answer is than without a gateway, in milliseconds; of the lane that adds most. */
function added(what: string, { scenario, timing, bound }: Later): Bound {
  return {
    what: `added latency, real, ${what}`,
    bound,
    unit: 'ms',
    sense: 'at most',
    read: ({ windows }) => {
      const rows = rowsOf(windows, scenario)
      const direct = best(
        rows.filter(({ role }) => role === 'direct').flatMap((row) => row.windows),
        timing,
      )
      const ours = rows
        .filter(({ name }) => name.startsWith(REAL))
        .map((row) => best(row.windows, timing))
        .filter((value) => value !== undefined)
      if (direct === undefined || ours.length === 0) return undefined
      return (Math.max(...ours) - direct) / 1000
    },
  }
}

/** How late chunks come at the worst, against the floor. */
function delay(scenario: string): Bound {
  return {
    what: `delay of chunks p99, real, ${scenario}, of the floor`,
    bound: 1.3,
    unit: '×',
    sense: 'at most',
    read: (run) => {
      const ours = rowOf(run, { subject: REAL, kind: 'pass', scenario })
      const floor = rowsOf(run.windows, scenario).find(
        ({ role, kind }) => role === 'floor' && kind === 'pass',
      )
      const mine = best(ours?.windows ?? [], 'delayP99')
      const least = best(floor?.windows ?? [], 'delayP99')
      return mine === undefined || least === undefined ? undefined : mine / least
    },
  }
}

function lessThanPeer(subject: string): Bound {
  return {
    what: `processor, ${subject}, patch: times less than Portkey`,
    bound: 5,
    unit: '×',
    sense: 'at least',
    read: (run) => {
      const ours = rowOf(run, { subject, kind: 'patch', scenario: 'throughput' })?.cpu
      const peer = rowsOf(run.windows, 'throughput').find(({ name }) => name.startsWith(PEER))?.cpu
      return ours === undefined || peer === undefined ? undefined : peer / ours
    },
  }
}

/** How the ratio to the floor changes from the small body to a large one. */
function growth(scenario: string): Bound {
  return {
    what: `${scenario}, real, patch: of the floor, against the small body's`,
    bound: 1,
    unit: '×',
    sense: 'at most',
    read: (run) => {
      const large = rowOf(run, { subject: REAL, kind: 'patch', scenario })?.ratio
      const small = rowOf(run, { subject: REAL, kind: 'patch', scenario: 'throughput' })?.ratio
      return large === undefined || small === undefined ? undefined : large / small
    },
  }
}

/** How much longer small calls are held up beside large bodies than the floor holds them up, in milliseconds. */
function heldUp({ windows }: Measurements): number | undefined {
  const rows = rowsOf(windows, 'beside-4m')
  const floor = rows.find(({ role, kind }) => role === 'floor' && kind === 'pass')
  const ours = rows.find(({ name }) => name === `${REAL}, patch`)
  const mine = best(ours?.windows ?? [], 'p99')
  const least = best(floor?.windows ?? [], 'p99')
  return mine === undefined || least === undefined ? undefined : (mine - least) / 1000
}

function kilobytesEach({ windows }: Measurements): number | undefined {
  const held = windows.filter(
    // One that lost streams has held fewer than it says.
    ({ scenario, subject, grown, errors }) =>
      scenario === 'open-streams' && subject === REAL && grown !== undefined && errors === 0,
  )
  if (held.length === 0) return undefined
  return Math.min(...held.map(({ grown = 0, streams = 1 }) => grown / Math.max(1, streams) / 1024))
}

function atStart(read: (startUp: StartUp) => readonly number[], per: number) {
  return ({ startUps }: Measurements): number | undefined => {
    const least = leastOf(startUps.filter(({ subject }) => subject === REAL).flatMap(read))
    return least === undefined ? undefined : least / per
  }
}

const small = { scenario: 'throughput' }
const fast = { scenario: 'fast-streams' }

/** Of issue "Fast, and proven so". */
const BOUNDS: readonly Bound[] = [
  ratio('bare, patch', { subject: BARE, kind: 'patch', ...small }, 1.5),
  ratio('bare, translate', { subject: BARE, kind: 'translate', ...small }, 1.7),
  ratio('real, patch', { subject: REAL, kind: 'patch', ...small }, 2.2),
  ratio('real, translate', { subject: REAL, kind: 'translate', ...small }, 2.2),
  lessThanPeer(BARE),
  lessThanPeer(REAL),
  added('p50', { scenario: 'latency', timing: 'p50', bound: 0.25 }),
  added('p99', { scenario: 'latency', timing: 'p99', bound: 1 }),
  added('first byte of a stream p50', {
    scenario: 'one-stream',
    timing: 'firstByteP50',
    bound: 0.25,
  }),
  added('first byte of a stream p99', { scenario: 'one-stream', timing: 'firstByteP99', bound: 1 }),
  delay('paced-streams'),
  delay('paced-1000'),
  ratio('stream, real, pass', { subject: REAL, kind: 'pass', ...fast }, 1.3),
  ratio('stream, real, translate', { subject: REAL, kind: 'translate', ...fast }, 1.5),
  {
    what: 'memory of an open stream, real',
    bound: 40,
    unit: 'KB',
    sense: 'at most',
    read: kilobytesEach,
  },
  growth('body-32k'),
  growth('body-400k'),
  growth('body-4m'),
  {
    what: 'small calls beside bodies of 4 MB, real, p99 later than the floor',
    bound: 10,
    unit: 'ms',
    sense: 'at most',
    read: heldUp,
  },
  {
    what: 'start until ready, real',
    bound: 500,
    unit: 'ms',
    sense: 'at most',
    read: atStart(({ readyMs }) => readyMs, 1),
  },
  {
    what: 'memory when idle, real',
    bound: 90,
    unit: 'MB',
    sense: 'at most',
    read: atStart(({ idleBytes }) => idleBytes, 1e6),
  },
]
