// patchbay health and models list, against a server that answers as the REST API does.
import { tmpdir } from 'node:os'
import { afterEach, describe, expect, it } from 'vitest'
import { type FakeRest, type Reply, fakeRest } from '../../../test/fake-rest.ts'
import { type Outcome, jsonOf, run } from '../../../test/run-patchbay.ts'

let server: FakeRest

afterEach(() => server.close())

async function patchbay(
  argv: readonly string[],
  replies: Readonly<Record<string, Reply>>,
): Promise<Outcome> {
  server = await fakeRest(replies)
  const env = { PATCHBAY_URL: server.url, PATCHBAY_KEY: 'pb_live_k', PATCHBAY_ADMIN_TOKEN: 'pba_t' }
  return run(argv, { cwd: tmpdir(), env })
}

describe('health', () => {
  const mixed = {
    'GET /api/providers/health': {
      providers: {
        house: { healthy: true, latency_ms: 4 },
        paid: { healthy: false, reason: 'No key.', latency_ms: 1 },
        new: null,
      },
    },
  }
  const broken = {
    'GET /api/providers/health': { providers: { paid: { healthy: false, reason: 'No key.' } } },
  }

  it('shows every provider and succeeds while one is healthy', async () => {
    const { code, stdout, stderr } = await patchbay(['health'], mixed)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toBe(`PROVIDER  HEALTH       LATENCY  WHY
house     healthy      4 ms
paid      not healthy  1 ms     No key.
new       not healthy           not checked
`)
  })

  it('shows what is left of their limits where a provider has spoken of any', async () => {
    const buckets = [{ name: 'requests', counts: 'requests', limit: 60, remaining: 59 }]
    const limits = { seen_at: '2026-01-01T00:00:00.000Z', buckets }
    const reply = {
      'GET /api/providers/health': {
        providers: {
          house: { healthy: true, latency_ms: 4 },
          paid: { healthy: true, latency_ms: 9, limits },
        },
      },
    }
    expect((await patchbay(['health'], reply)).stdout)
      .toBe(`PROVIDER  HEALTH   LATENCY  LEFT               WHY
house     healthy  4 ms
paid      healthy  9 ms     requests 59 of 60
`)
  })

  it('shows the client key rather than the admin token', async () => {
    await patchbay(['health'], mixed)
    expect(server.asked[0]?.authorization).toBe('Bearer pb_live_k')
  })

  it('ends with 69 when none is healthy, with the report on stdout', async () => {
    const outcome = await patchbay(['health', '--json'], broken)
    expect(outcome.code).toBe(69)
    expect(jsonOf(outcome)).toEqual({
      healthy: false,
      url: server.url,
      providers: { paid: { healthy: false, reason: 'No key.' } },
    })
    expect(outcome.stderr).toContain('patchbay doctor')
  })

  it('ends with 69 when there is no provider at all', async () => {
    const { code, stderr } = await patchbay(['health'], {
      'GET /api/providers/health': { providers: {} },
    })
    expect(code).toBe(69)
    expect(stderr).toContain('No provider is registered')
  })
})

describe('models list', () => {
  const lists = {
    'GET /api/providers/models': {
      providers: {
        house: [{ id: 'tiny', parameter_size: '135M', context_tokens: 2048 }, { id: 'a/b' }],
        paid: [],
      },
    },
  }

  it('shows the names that clients ask with', async () => {
    const { code, stdout } = await patchbay(['models', 'list'], lists)
    expect(code).toBe(0)
    expect(stdout).toBe(`MODEL       SIZE  CONTEXT
house/tiny  135M  2048
house/a/b
`)
  })

  it('gives JSON, of one provider when asked', async () => {
    const outcome = await patchbay(['models', 'list', '--json', '-p', 'paid'], lists)
    expect(jsonOf(outcome)).toEqual({ providers: { paid: [] } })
  })

  it('says on stderr when there is none', async () => {
    const outcome = await patchbay(['models', 'list', '-p', 'paid'], lists)
    expect(outcome).toMatchObject({ code: 0, stdout: '' })
    expect(outcome.stderr).toContain('patchbay health')
  })

  it('names the providers when that one is not there', async () => {
    const { code, stderr } = await patchbay(['models', 'list', '-p', 'hose'], lists)
    expect(code).toBe(1)
    expect(stderr).toContain('Known: house, paid.')
  })

  it('does not trip over an answer that is not what it should be', async () => {
    const { code, stderr } = await patchbay(['models', 'list'], { 'GET /api/providers/models': [] })
    expect(code).toBe(1)
    expect(stderr).toContain('must be an object')
  })
})
