// Runs every scenario on every lane, round after round, so that what the machine does meanwhile falls on all alike.
import { cpuNanos, residentBytes } from './process-cost.ts'
import type { Measured, Scenario } from './scenarios.ts'
import type { Lane, Started, Subject } from './subject.ts'

export interface Window extends Measured {
  readonly subject: string
  readonly role: Subject['role']
  readonly kind: Lane['kind']
  readonly scenario: string
  readonly round: number
  /** Microseconds of processor for each piece of work; absent where there is no process to look at. */
  readonly cpuMicros?: number
  /** Bytes resident at the end, and how many more than before. */
  readonly resident?: number
  readonly grown?: number
}

export interface Running {
  readonly subject: Subject
  readonly started: Started
}

export interface Plan {
  readonly scenarios: readonly Scenario[]
  readonly rounds: number
  readonly seconds: number
  readonly say: (line: string) => void
}

export async function windows(running: readonly Running[], plan: Plan): Promise<readonly Window[]> {
  const all: Window[] = []
  for (const scenario of plan.scenarios) {
    plan.say(`${scenario.name}: ${scenario.title}`)
    for (let round = 0; round <= plan.rounds; round += 1) {
      for (const one of running) {
        for (const lane of one.started.lanes) {
          // The first round warms up, and is short.
          const seconds = round === 0 ? 1 : plan.seconds
          if (round === 0 && scenario.holdsOpen === true) continue
          const window = await measured({ ...one, lane, scenario, seconds, round })
          if (round > 0) all.push(window)
        }
      }
    }
  }
  return all
}

interface Asked extends Running {
  readonly lane: Lane
  readonly scenario: Scenario
  readonly seconds: number
  readonly round: number
}

async function measured({
  subject,
  started,
  lane,
  scenario,
  seconds,
  round,
}: Asked): Promise<Window> {
  const pids = started.pids()
  const cpuBefore = cpuNanos(pids)
  const residentBefore = residentBytes(pids)
  let peak = residentBefore
  const watch = setInterval(() => {
    peak = Math.max(peak, residentBytes(pids))
  }, 500)
  const result = await scenario.measure(lane, seconds)
  clearInterval(watch)
  const { name, role } = subject
  const who = { subject: name, role, kind: lane.kind, scenario: scenario.name, round }
  if (pids.length === 0) return { ...who, ...result }
  const cpuMicros = (cpuNanos(pids) - cpuBefore) / 1000 / Math.max(1, result.work)
  const resident = Math.max(peak, residentBytes(pids))
  return { ...who, ...result, cpuMicros, resident, grown: resident - residentBefore }
}
