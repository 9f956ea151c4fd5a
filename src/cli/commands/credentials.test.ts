// patchbay providers key and lift, and how keys are shown, against a server that answers as the REST API does.
import { tmpdir } from 'node:os'
import { afterEach, describe, expect, it } from 'vitest'
import { type FakeRest, type Reply, fakeRest } from '../../../test/fake-rest.ts'
import { type Outcome, run } from '../../../test/run-patchbay.ts'

let server: FakeRest

afterEach(() => server.close())

interface Given {
  readonly replies: Readonly<Record<string, Reply>>
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string
}

async function patchbay(
  argv: readonly string[],
  { replies, env = {}, stdin }: Given,
): Promise<Outcome> {
  server = await fakeRest(replies)
  const all = { PATCHBAY_URL: server.url, PATCHBAY_ADMIN_TOKEN: 'pba_t', ...env }
  return run(argv, { cwd: tmpdir(), env: all, ...(stdin === undefined ? {} : { stdin }) })
}

const CREDENTIALS = [
  { name: 'k1', weight: 1, generation: 2, state: 'ok' },
  {
    name: 'team',
    weight: 2,
    generation: 1,
    state: 'quarantined',
    reason: 'auth',
    since: '2026-01-01T00:00:00.000Z',
  },
]

describe('providers key', () => {
  it('sends the key of a variable for the first label, and shows it nowhere', async () => {
    const { code, stdout, stderr } = await patchbay(
      ['providers', 'key', 'work', '--key-env', 'NEW'],
      {
        replies: { 'PUT /api/providers/work/credentials/k1': { credentials: CREDENTIALS } },
        env: { NEW: 'sk-canary' },
      },
    )
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'work uses the new key for k1 now.\n' })
    expect(stdout + stderr).not.toContain('canary')
    expect(server.asked.at(-1)).toMatchObject({ body: { api_key: 'sk-canary' } })
  })

  it('takes a key from stdin for another label', async () => {
    const { code } = await patchbay(['providers', 'key', 'work', 'team', '--key-stdin'], {
      replies: { 'PUT /api/providers/work/credentials/team': { credentials: CREDENTIALS } },
      stdin: 'sk-canary\n',
    })
    expect(code).toBe(0)
    expect(server.asked.at(-1)).toMatchObject({ body: { api_key: 'sk-canary' } })
  })

  it.each([
    ['no key', [], 'There is no new key.'],
    ['a key as an argument', ['--key', 'sk-canary'], 'A key is not taken as an argument'],
  ])('refuses %s', async (_what, more, message) => {
    const { code, stderr } = await patchbay(['providers', 'key', 'work', ...more], { replies: {} })
    expect(code).not.toBe(0)
    expect(stderr).toContain(message)
    expect(stderr).not.toContain('canary')
  })
})

describe('providers lift', () => {
  it.each([
    [true, 'work uses team again.\n'],
    [false, 'team was in use.\n'],
  ])('says whether there was something to lift: %s', async (lifted, said) => {
    const { stdout } = await patchbay(['providers', 'lift', 'work', 'team'], {
      replies: {
        'POST /api/providers/work/credentials/team/lift': { lifted, credentials: CREDENTIALS },
      },
    })
    expect(stdout).toBe(said)
  })
})

describe('keys', () => {
  it('stand in the list by label where there are several or one is refused', async () => {
    const entry = { provider_type: 'openai', locality: 'cloud', enabled: true, is_default: false }
    const providers = [
      { ...entry, name: 'work', has_key: true, credentials: CREDENTIALS },
      { ...entry, name: 'home', has_key: true, credentials: CREDENTIALS.slice(0, 1) },
    ]
    const { stdout } = await patchbay(['providers', 'list'], {
      replies: { 'GET /api/providers': { default: 'work', providers } },
    })
    expect(stdout).toContain('k1, team (quarantined)')
    expect(stdout).toMatch(/^home .* yes +yes/m)
  })

  it('stand in health with what is wrong since when', async () => {
    const health = { healthy: true, latency_ms: 4, credentials: CREDENTIALS }
    const { stdout } = await patchbay(['health'], {
      replies: { 'GET /api/providers/health': { providers: { work: health } } },
    })
    expect(stdout).toContain('work#k1    ok, key number 2')
    expect(stdout).toContain('work#team  quarantined, auth, since 2026-01-01T00:00:00.000Z')
  })
})
