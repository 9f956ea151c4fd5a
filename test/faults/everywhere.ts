// One fault before the clients of all protocols, whole and streamed, from a provider of their own protocol and of another.
import { expect } from 'vitest'
import { dialects } from '../../src/dialects/registry.ts'
import { failureCause } from '../../src/exchange/failure-cause.ts'
import { type FailureClass, failureClass } from '../../src/resilience/failure-class.ts'
import type { Bench } from './bench.ts'
import type { Script } from './fault.ts'

export interface Expected {
  /** As most protocols say it. */
  readonly status: number
  readonly code: string
  /** The label under which it is counted. */
  readonly cause: string
  readonly class: FailureClass
  /** Of one call at its one target. */
  readonly attempts: number
}

export interface Places {
  readonly streamed: boolean
  readonly client: string
  readonly upstream: string
}

/** Every client beside its own protocol and the next one, whole and streamed. */
export const PLACES: readonly Places[] = dialects.flatMap(({ id }, at) =>
  [id, dialects[(at + 1) % dialects.length]?.id ?? id].flatMap((upstream) =>
    [false, true].map((streamed) => ({ client: id, upstream, streamed })),
  ),
)

/** Anthropic's own word for an overload is the 503 of others. */
export function statusFor(client: string, status: number): number {
  return client === 'anthropic-messages' && status === 503 ? 529 : status
}

/** The failure before any content: the status, the code beside it, what is recorded of each attempt. */
export async function failsEverywhere(
  bench: Bench,
  script: Script | ((dialect: string) => Script),
  expected: Expected,
): Promise<void> {
  for (const [at, { client, upstream, streamed }] of PLACES.entries()) {
    bench.broken.script(() => (typeof script === 'function' ? script(upstream) : script))
    const before = bench.happenings.length
    const model = `broken-${upstream}/e${at}`
    const { status, headers, error } = await bench.ask({ dialect: client, model, streamed })
    const failed = bench.happenings
      .slice(before)
      .flatMap((happening) => (happening.type === 'attempt-failed' ? [happening.error] : []))
    expect({ client, upstream, streamed, status, code: headers['x-patchbay-error'] }).toEqual({
      client,
      upstream,
      streamed,
      status: statusFor(client, expected.status),
      code: expected.code,
    })
    expect(error).toBeDefined()
    expect(failed.map((one) => [failureCause(one), failureClass(one)])).toEqual(
      Array.from({ length: expected.attempts }, () => [expected.cause, expected.class]),
    )
    expect(headers['x-should-retry']).toBe(String(expected.attempts < 2 && isAdvised(expected)))
  }
  const counted = new RegExp(
    String.raw`^patchbay_upstream_errors_total\{[^}]*class="${expected.cause}"`,
    'm',
  )
  expect(await bench.metrics()).toMatch(counted)
}

/** A client may try again what Patchbay has not tried again, and what may be otherwise in a moment: not what took all its time. */
function isAdvised({ class: known, status }: Expected): boolean {
  if (status === 504) return false
  return known === 'safe' || known === 'uncertain' || known === 'throttled' || known === 'unfit'
}

/** With a sound target behind it no client sees the fault. */
export async function savedEverywhere(bench: Bench, script: Script): Promise<void> {
  bench.broken.script(() => script)
  for (const { id } of dialects) {
    for (const streamed of [false, true]) {
      const seen = await bench.ask({ dialect: id, model: `route-${id}`, streamed })
      const { status, headers, isWhole, error } = seen
      expect({ id, streamed, status, isWhole, error }).toEqual({
        id,
        streamed,
        status: 200,
        isWhole: true,
        error: undefined,
      })
      expect(headers['x-patchbay-provider']).toBe(`sound-${id}`)
    }
  }
}
