// What providers are built with in tests: a real transport, a clock that the test moves, ids that count.
import type { ConfigSource, ProviderContext } from '../src/providers/provider-config.ts'
import type { Transport } from '../src/transport/transport.ts'

export interface TestClock {
  nowMs: number
}

export function contextOf(
  transport: Transport,
  clock: TestClock = { nowMs: 0 },
  source: ConfigSource = 'operator',
): ProviderContext {
  let ids = 0
  const newId = (): string => {
    ids += 1
    return `id-${ids}`
  }
  return { transport, clock: () => clock.nowMs, newId, source }
}

/** What a promise rejects with; a promise that resolves fails the comparison that follows. */
export async function failureOf(work: Promise<unknown>): Promise<unknown> {
  try {
    return { resolved: await work }
  } catch (error) {
    return error
  }
}

export async function drain<T>(events: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = []
  for await (const event of events) all.push(event)
  return all
}
