// Faults that a provider tells of: by its status, or under a status of success.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ErrorKind, GatewayError } from '../../src/canonical/errors.ts'
import { dialectById, dialects } from '../../src/dialects/registry.ts'
import { ProviderManager } from '../../src/pipeline/library.ts'
import { ScriptedProvider } from '../../src/providers/scripted-provider.ts'
import { failureCause } from '../../src/exchange/failure-cause.ts'
import { failureClass } from '../../src/resilience/failure-class.ts'
import { retryAfterMs } from '../../src/transport/retry-after.ts'
import { type Bench, openBench } from './bench.ts'
import { failsEverywhere, savedEverywhere } from './everywhere.ts'
import { GOOD, type Script, answers, refusal } from './fault.ts'

let bench: Bench

beforeEach(async () => {
  bench = await openBench()
})

afterEach(async () => {
  await bench.close()
})

/** A failure in the protocol's own words, with the status that it comes under. */
function said(dialect: string, kind: ErrorKind, status: number): { status: number; body: unknown } {
  const error = new GatewayError(kind, 'Said upstream.', { origin: 'upstream', status })
  return { status, body: dialectById(dialect)?.error.encode(error, 'up-1').body }
}

function told(
  kind: ErrorKind,
  status: number,
  head: readonly string[] = [],
): (dialect: string) => Script {
  return (dialect) => refusal(status, said(dialect, kind, status).body, head)
}

describe('F030 a request that is wrong', () => {
  it('F030 is a 400 in the client’s own words, never tried again, with the provider’s request id', async () => {
    for (const { id } of dialects) {
      bench.broken.script((call) =>
        told('invalid_request', 400, ['x-request-id: up-4711'])(call?.dialect.id ?? ''),
      )
      for (const streamed of [false, true]) {
        const model = 'route-gemini'
        const seen = await bench.ask({ dialect: id, model, streamed })
        expect([seen.status, seen.error?.kind]).toEqual([400, 'invalid_request'])
        expect(seen.body).toContain('Said upstream.')
        expect(seen.headers['x-should-retry']).toBe('false')
        expect(seen.headers['x-patchbay-attempts']).toBe('1')
        expect(seen.headers['x-patchbay-upstream-request-id']).toBe('up-4711')
      }
    }
    expect(bench.sound.calls).toEqual([])
  })

  it('F030 says nothing of the target, be it a thousand times', async () => {
    const manager = new ProviderManager({ pause: async () => {} })
    const wrong = new GatewayError('invalid_request', 'No.', { origin: 'upstream', status: 400 })
    manager.registerProvider(new ScriptedProvider({ name: 'a', replies: [wrong] }))
    for (let count = 0; count < 1000; count += 1) {
      await expect(manager.chat('Hi')).rejects.toBe(wrong)
    }
    const target = { provider: 'a', model: 'scripted' }
    expect(manager.targets.standing(target)).toMatchObject({ state: 'closed', inFlight: 0 })
    expect(manager.targets.standing(target).successRate).toBeUndefined()
    await manager.closeAll()
  })
})

describe('F040 a limit with a time to wait', () => {
  const LIMITED = told('rate_limit', 429, ['retry-after: 2'])

  it('F040 is waited for where nobody else can be asked, then told with the same time', async () => {
    for (const [at, { id }] of dialects.entries()) {
      bench.broken.script(() => LIMITED(id))
      const seen = await bench.ask({ dialect: id })
      expect([
        seen.status,
        seen.headers['retry-after'],
        seen.headers['x-patchbay-attempts'],
      ]).toEqual([429, '2', '2'])
      expect(bench.pauses[at]).toBe(2000)
    }
    const causes = bench.happenings.filter((one) => one.type === 'attempt-failed')
    expect(causes).toHaveLength(12)
  })

  it('F040 is failed over at once, and the target left alone until then', async () => {
    bench.broken.script((call) => LIMITED(call?.dialect.id ?? ''))
    for (const { id } of dialects) {
      for (const attempts of ['2', '1', '1']) {
        const seen = await bench.ask({ dialect: id, model: `route-${id}` })
        expect([seen.status, seen.headers['x-patchbay-attempts']]).toEqual([200, attempts])
      }
      const standings = bench.standings(`broken-${id}`)
      expect(Math.max(...standings.map(({ coolingMs }) => coolingMs))).toBeGreaterThan(1000)
      expect(new Set(standings.map(({ state }) => state))).toEqual(new Set(['closed']))
    }
    expect(bench.broken.calls).toHaveLength(6)
    expect(bench.pauses).toEqual([])
  })

  it('F040 is counted as a limit', async () => {
    await failsEverywhere(bench, LIMITED, {
      status: 429,
      code: 'upstream_rate_limited',
      cause: 'http_429',
      class: 'throttled',
      attempts: 2,
    })
  })
})

const NOW = Date.parse('2026-11-28T12:00:00Z')

describe('F043 the same in every spelling', () => {
  const reset = 'x-ratelimit-reset-requests'
  const FORMS: readonly (readonly [Readonly<Record<string, string>>, number])[] = [
    [{ 'retry-after': '2' }, 2000],
    [{ 'retry-after': '0.25' }, 250],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': ' 7 ' }, 7000],
    [{ 'retry-after': '1m30s' }, 90_000],
    [{ 'retry-after': 'Sat, 28 Nov 2026 12:00:05 GMT' }, 5000],
    [{ 'retry-after': 'Sat, 28 Nov 2026 11:00:00 GMT' }, 0],
    [{ 'retry-after': '2026-11-28T12:00:03Z' }, 3000],
    [{ 'retry-after-ms': '1500' }, 1500],
    [{ 'x-ms-retry-after-ms': '20' }, 20],
    [{ 'retry-after-ms': '100', 'retry-after': '9' }, 100],
    [{ [reset]: '6m0s' }, 360_000],
    [{ [reset]: '1s' }, 1000],
    [{ [reset]: '250ms' }, 250],
    [{ [reset]: '1h2m3s' }, 3_723_000],
    [{ [reset]: '7.66s' }, 7660],
    [{ [reset]: '12' }, 12_000],
    [{ [reset]: '2591999' }, 2_591_999_000],
    [{ [reset]: String(NOW / 1000 + 30) }, 30_000],
    [{ [reset]: String(NOW + 30_000) }, 30_000],
    [{ [reset]: '2026-11-28T12:01:00Z' }, 60_000],
    [{ 'anthropic-ratelimit-requests-reset': '2026-11-28T12:00:10Z' }, 10_000],
  ]

  it.each(FORMS)('F043 %j is %i ms', (headers, expected) => {
    const [name = ''] = Object.keys(headers)
    const empty = name.includes('reset') ? { [name.replace('reset', 'remaining')]: '0' } : {}
    expect(retryAfterMs({ ...headers, ...empty }, NOW)).toBe(expected)
  })

  it('F043 reaches the client as a time to wait, whatever the spelling', async () => {
    for (const [headers, expected] of FORMS.filter(([, wait]) => wait >= 250 && wait < 60_000)) {
      const [name = '', value = ''] = Object.entries(headers)[0] ?? []
      if (/GMT|Z$/.test(value) || value.length > 9) continue
      const empty = name.includes('reset') ? [`${name.replace('reset', 'remaining')}: 0`] : []
      bench.broken.script(() => told('rate_limit', 429, [`${name}: ${value}`, ...empty])('ollama'))
      const seen = await bench.ask({
        dialect: 'openai-chat',
        model: `broken-ollama/${value.trim()}`,
      })
      expect([value, seen.headers['retry-after-ms']]).toEqual([value, String(expected)])
    }
  })
})

describe('F047 a time to wait that nobody should believe', () => {
  it.each(['1e9', '-5', 'NaN', '1e308', '1000000000', '99999999999999999999', '60, 5'])(
    'F047 "%s" stops nothing for longer than a minute',
    async (value) => {
      bench.broken.script((call) =>
        told('rate_limit', 429, [`retry-after: ${value}`])(call?.dialect.id ?? ''),
      )
      for (const { id } of dialects) {
        const seen = await bench.ask({ dialect: id, model: `broken-${id}/m` })
        expect(seen.status).toBe(429)
        const wait = Number(seen.headers['retry-after'] ?? 0)
        expect(wait <= 60 || seen.headers['x-should-retry'] === 'false').toBe(true)
        const waits = bench.standings(`broken-${id}`).map(({ coolingMs }) => coolingMs)
        expect(waits.length).toBeGreaterThan(0)
        expect(Math.max(...waits)).toBeLessThanOrEqual(60_000)
      }
      for (const pause of bench.pauses) expect(pause).toBeLessThanOrEqual(10_000)
    },
  )
})

describe.each([
  ['F050', 'internal', 500, 502, 'upstream_error', 'uncertain', []],
  ['F053', 'timeout', 504, 504, 'upstream_timeout', 'uncertain', []],
  ['F052', 'overloaded', 503, 503, 'upstream_overloaded', 'throttled', ['retry-after: 2']],
  ['F054', 'overloaded', 529, 503, 'upstream_overloaded', 'throttled', ['retry-after: 2']],
] as const)(
  '%s a provider that says %s (%i)',
  (...[id, kind, status, shown, code, known, head]) => {
    /** Without a code of the provider's own. */
    const script = refusal(status, { error: { message: 'x' } }, head)

    it(`${id} ${kind} ${status} is tried once more, then a ${shown}`, async () => {
      await failsEverywhere(bench, script, {
        status: shown,
        code,
        cause: `http_${status}`,
        class: known,
        attempts: 2,
      })
      const seen = await bench.ask({ dialect: 'gemini' })
      expect(seen.headers['retry-after']).toBe(head.length === 0 ? undefined : '2')
    })

    it(`${id} ${kind} ${status} is seen by no client where another target is sound`, async () => {
      await savedEverywhere(bench, script)
    })

    it(`${id} ${kind} ${status} tells of the target’s health`, async () => {
      bench.broken.script(() => script)
      for (let count = 0; count < 3; count += 1) {
        await bench.ask({ dialect: 'openai-chat', model: 'broken-openai-chat/m' })
      }
      const target = { provider: 'broken-openai-chat', model: 'm' }
      expect(bench.gateway.gateway.manager.targets.standing(target).state).toBe('open')
    })
  },
)

describe('F057 a failure under a 200', () => {
  it.each([
    ['a limit', { error: { message: 'x', code: 429 } }, 429, 'throttled'],
    ['a failure', { type: 'error', error: { type: 'api_error', message: 'x' } }, 502, 'uncertain'],
    ['a failure beside no choices', { choices: [], error: { message: 'x' } }, 502, 'uncertain'],
  ] as const)('F057 %s has the status that it stands for', async (...[, body, status, known]) => {
    for (const { id } of dialects) {
      bench.broken.script(() => answers(JSON.stringify(body)))
      for (const streamed of [false, true]) {
        const seen = await bench.ask({ dialect: id, streamed })
        expect([id, streamed, seen.status]).toEqual([id, streamed, status])
      }
    }
    const failures = bench.happenings.flatMap((one) =>
      one.type === 'attempt-failed' ? [one.error] : [],
    )
    expect(new Set(failures.map(failureCause))).toEqual(new Set(['error_in_200']))
    expect(new Set(failures.map(failureClass))).toEqual(new Set([known]))
  })

  it('F057 is seen by no client where another target is sound, and counts against the first', async () => {
    const body = JSON.stringify({ error: { message: 'x', code: 500 } })
    await savedEverywhere(bench, answers(body))
    const target = { provider: 'broken-ollama', model: 'm' }
    expect(bench.gateway.gateway.manager.targets.standing(target).successRate).toBe(0)
  })
})

describe('F058 a page instead of an answer', () => {
  const PORTAL = answers('<!DOCTYPE html><title>Log in</title>secret-host', 'text/html')

  it('F058 is a 502 that shows nothing of it', async () => {
    await failsEverywhere(bench, PORTAL, {
      status: 502,
      code: 'upstream_bad_response',
      cause: 'parse',
      class: 'uncertain',
      attempts: 1,
    })
    const seen = await bench.ask({ dialect: 'openai-chat' })
    expect(seen.body).not.toMatch(/secret-host|</)
    bench.broken.script(() => GOOD)
  })

  it('F058 is seen by no client where another target is sound', async () => {
    await savedEverywhere(bench, PORTAL)
  })
})
