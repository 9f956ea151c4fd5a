// patchbay providers, against a server that answers as the REST API does.
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FakeRest, type Reply, failure, fakeRest } from '../../../test/fake-rest.ts'
import { type Outcome, jsonOf, run } from '../../../test/run-patchbay.ts'

let cwd: string
let server: FakeRest | undefined

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'patchbay-providers-'))
})

afterEach(async () => {
  await server?.close()
  server = undefined
  await rm(cwd, { recursive: true })
})

async function serving(replies: Readonly<Record<string, Reply>>): Promise<FakeRest> {
  server = await fakeRest(replies)
  return server
}

interface Given {
  readonly env?: Record<string, string>
  readonly stdin?: string
}

/** `patchbay providers ...argv` against the server. */
function providers(argv: readonly string[], { env = {}, ...rest }: Given = {}): Promise<Outcome> {
  const all = {
    PATCHBAY_URL: server?.url ?? 'http://127.0.0.1:9',
    PATCHBAY_ADMIN_TOKEN: 'pba_t',
    ...env,
  }
  return run(['providers', ...argv], { cwd, env: all, ...rest })
}

const LIST = {
  default: 'house',
  providers: [
    {
      name: 'house',
      provider_type: 'ollama',
      locality: 'local',
      enabled: true,
      is_default: true,
      source: 'file',
      has_key: false,
    },
    {
      name: 'paid',
      provider_type: 'openai',
      locality: 'cloud',
      enabled: false,
      is_default: false,
      source: 'api',
      has_key: true,
    },
  ],
  shadowed: [{ kind: 'provider', name: 'house', reason: 'patchbay.yaml names it, which wins.' }],
  broken: [{ kind: 'provider', name: 'old', reason: 'Unknown provider type "old".' }],
}

describe('providers list', () => {
  it('shows a table', async () => {
    await serving({ 'GET /api/providers': LIST })
    const { code, stdout, stderr } = await providers(['list'])
    expect(code).toBe(0)
    expect(stdout).toBe(`NAME   TYPE    WHERE  ENABLED  KEY  DEFAULT  SOURCE
house  ollama  local  yes      -    yes      file
paid   openai  cloud  no       yes           api
`)
    expect(stderr).toBe(
      `house is stored too, but not in force: patchbay.yaml names it, which wins.
old is stored, but of no use: Unknown provider type "old".
Remove what is of no use with: patchbay providers remove <name>
`,
    )
  })

  it('gives the JSON of the server, with --json', async () => {
    await serving({ 'GET /api/providers': LIST })
    expect(jsonOf(await providers(['list', '--json']))).toEqual(LIST)
  })

  it('shows the admin token to the server: the option before the variable', async () => {
    const { asked } = await serving({ 'GET /api/providers': LIST })
    await providers(['list'])
    await providers(['list', '--token', 'pba_other'])
    expect(asked.map(({ authorization }) => authorization)).toEqual([
      'Bearer pba_t',
      'Bearer pba_other',
    ])
  })

  it('ends with 77 and says which token is missing', async () => {
    await serving({ 'GET /api/providers': failure(401, 'This call needs the admin token.') })
    const outcome = await providers(['list', '--json'])
    expect(outcome.code).toBe(77)
    expect(outcome.stderr).toContain('PATCHBAY_ADMIN_TOKEN')
    expect(jsonOf(outcome)).toMatchObject({
      error: { message: 'This call needs the admin token.', exit_code: 77 },
    })
  })

  it('ends with 69 and the next command when nothing listens', async () => {
    const outcome = await providers(['list', '--url', 'http://127.0.0.1:9'])
    expect(outcome.code).toBe(69)
    expect(outcome.stderr).toContain('No Patchbay answers at http://127.0.0.1:9')
    expect(outcome.stderr).toContain('patchbay serve')
  })

  it('ends with 2 for an address that is none', async () => {
    const outcome = await providers(['list', '--url', 'localhost:8787'])
    expect(outcome).toMatchObject({ code: 2, stdout: '' })
  })

  it('finds the address in the configuration', async () => {
    const { url } = await serving({ 'GET /api/providers': LIST })
    await writeFile(join(cwd, 'patchbay.yaml'), `server: { port: ${new URL(url).port} }`)
    const { code } = await providers(['list'], { env: { PATCHBAY_URL: '' } })
    expect(code).toBe(0)
  })

  it('ends with 78 and the line when the configuration is wrong', async () => {
    await writeFile(join(cwd, 'patchbay.yaml'), 'servr: {}')
    const { code, stderr } = await providers(['list'], { env: { PATCHBAY_URL: '' } })
    expect(code).toBe(78)
    expect(stderr).toContain('patchbay.yaml:1: servr is not a known key; did you mean server?')
  })
})

describe('providers add', () => {
  const ADDED = { provider: { name: 'paid', provider_type: 'openai', has_key: true } }
  const ADDING = { 'POST /api/providers/register': ADDED, 'POST /api/providers/paid/default': {} }

  it.each([
    [false, /no key\. Remove it \(patchbay providers remove paid\), .* --key-env NAME/],
    [true, /It is disabled\. See why: patchbay health/],
  ])('says that it cannot be asked yet, with a key: %s', async (hasKey, said) => {
    const provider = { ...ADDED.provider, enabled: false, has_key: hasKey }
    await serving({ ...ADDING, 'POST /api/providers/register': { provider } })
    const { code, stdout, stderr } = await providers(['add', 'paid', '--type', 'openai'])
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'Added paid.\n' })
    expect(stderr).toMatch(said)
  })

  it('registers with the key of a variable', async () => {
    const { asked } = await serving(ADDING)
    const outcome = await providers(
      ['add', 'paid', '--type', 'openai', '--base-url', 'https://host/v1', '--key-env', 'MY_KEY'],
      { env: { MY_KEY: 'sk-of-mine' } },
    )
    expect(outcome).toMatchObject({ code: 0, stdout: 'Added paid.\n', stderr: '' })
    expect(asked).toEqual([
      {
        line: 'POST /api/providers/register',
        authorization: 'Bearer pba_t',
        body: {
          name: 'paid',
          provider_type: 'openai',
          base_url: 'https://host/v1',
          api_key: 'sk-of-mine',
        },
      },
    ])
  })

  it('registers with a key from stdin, and never prints it', async () => {
    const { asked } = await serving(ADDING)
    const outcome = await providers(['add', 'openai', '--key-stdin', '--json'], {
      stdin: 'sk-piped\n',
    })
    expect(asked[0]?.body).toEqual({ name: 'openai', provider_type: 'openai', api_key: 'sk-piped' })
    expect(jsonOf(outcome)).toEqual({ registered: true, ...ADDED })
    expect(outcome.stdout + outcome.stderr).not.toContain('sk-piped')
  })

  it('makes it the default when asked to', async () => {
    const { asked } = await serving(ADDING)
    await providers(['add', 'paid', '--models', 'a, b', '--default-model', 'a', '--default'])
    expect(asked.map(({ line }) => line)).toEqual([
      'POST /api/providers/register',
      'POST /api/providers/paid/default',
    ])
    expect(asked[0]?.body).toMatchObject({ models: ['a', 'b'], default_model: 'a' })
  })

  it.each(['--key', '--api-key'])(
    'refuses a key as the argument of %s, and does not repeat it',
    async (option) => {
      const { asked } = await serving(ADDING)
      const { code, stdout, stderr } = await providers(['add', 'paid', option, 'sk-of-mine'])
      expect({ code, stdout, asked }).toEqual({ code: 2, stdout: '', asked: [] })
      expect(stderr).toContain('other users of this machine can see it')
      expect(stderr).toContain('--key-env')
      expect(stderr).not.toContain('sk-of-mine')
    },
  )

  it.each([
    ['a variable that is not set', ['--key-env', 'NO_SUCH_KEY'], 'NO_SUCH_KEY is not set'],
    ['nothing on stdin', ['--key-stdin'], 'No key came in'],
    ['a key from stdin that would have to be saved', ['--key-stdin', '--save'], 'never a key'],
    ['two sources of the key', ['--key-stdin', '--key-env', 'A'], 'never a key'],
  ])('ends with 2: %s', async (_what, options, message) => {
    await serving(ADDING)
    const { code, stderr } = await providers(['add', 'paid', ...options])
    expect(code).toBe(2)
    expect(stderr).toContain(message)
  })

  it('sends no key to another machine without TLS', async () => {
    const argv = ['add', 'paid', '--key-env', 'MY_KEY', '--url', 'http://gateway.example:8787']
    const { code, stderr } = await providers(argv, { env: { MY_KEY: 'sk-of-mine' } })
    expect(code).toBe(2)
    expect(stderr).toContain('without TLS')
  })

  it('says what the server has against it', async () => {
    await serving({
      'POST /api/providers/register': failure(400, 'There is no provider type "opnai".'),
    })
    const { code, stderr } = await providers(['add', 'paid', '--type', 'opnai'])
    expect(code).toBe(1)
    expect(stderr).toContain('There is no provider type "opnai".')
  })

  it('saves into the file with the name of the variable, comments kept, and needs no server', async () => {
    const path = join(cwd, 'patchbay.yaml')
    await writeFile(path, '# mine\nproviders:\n  - name: house # free\n    type: ollama\n')
    const outcome = await providers(
      ['add', 'paid', '--type', 'openai', '--key-env', 'MY_KEY', '--default', '--save', '--json'],
      { env: { MY_KEY: 'sk-of-mine', PATCHBAY_URL: 'http://127.0.0.1:9' } },
    )
    expect(outcome.code).toBe(0)
    expect(jsonOf(outcome)).toEqual({ registered: false, saved: path })
    expect(await readFile(path, 'utf8')).toBe(`# mine
providers:
  - name: house # free
    type: ollama
  - name: paid
    type: openai
    api_key: \${MY_KEY}
default_provider: paid
`)
  })

  it('makes a new file that only its owner can read, and registers too', async () => {
    const { asked } = await serving(ADDING)
    const { stdout } = await providers(['add', 'paid', '--type', 'openai', '--save'])
    const path = join(cwd, 'patchbay.yaml')
    expect(stdout).toBe(`Added paid. It is in ${path}, which is read when Patchbay starts.\n`)
    expect((await stat(path)).mode & 0o077).toBe(0)
    expect(asked.map(({ line }) => line)).toEqual(['GET /', 'POST /api/providers/register'])
  })

  it('says that it is saved when the running server refuses it', async () => {
    await serving({ 'POST /api/providers/register': failure(403, 'Private addresses are closed.') })
    const argv = [
      'add',
      'paid',
      '--type',
      'custom',
      '--base-url',
      'http://127.0.0.1:9/v1',
      '--save',
    ]
    const { code, stderr } = await providers(argv)
    expect(code).toBe(77)
    expect(stderr).toContain('Private addresses are closed.')
    expect(stderr).toContain('to use it: patchbay reload')
    expect(await readFile(join(cwd, 'patchbay.yaml'), 'utf8')).toContain('name: paid')
  })
})

describe('providers remove, default', () => {
  it.each([
    ['remove', 'DELETE /api/providers/my%20own', 'Removed my own.\n'],
    ['default', 'POST /api/providers/my%20own/default', 'my own is the default provider now.\n'],
  ])('%s asks the server', async (command, line, said) => {
    const { asked } = await serving({ [line]: { default: 'x' } })
    const { code, stdout } = await providers([command, 'my own'])
    expect({ code, stdout }).toEqual({ code: 0, stdout: said })
    expect(asked[0]?.line).toBe(line)
    expect(jsonOf(await providers([command, 'my own', '--json']))).toEqual({ default: 'x' })
  })

  it('ends with 1 when there is none of that name', async () => {
    await serving({ 'DELETE /api/providers/x': failure(404, 'Unknown provider "x".') })
    const { code, stderr } = await providers(['remove', 'x'])
    expect(code).toBe(1)
    expect(stderr).toContain('Unknown provider "x".')
  })
})

describe('providers test', () => {
  const HEALTH = {
    providers: {
      good: { healthy: true, latency_ms: 12 },
      bad: { healthy: false, reason: 'refused the key', latency_ms: 3 },
    },
  }

  it('checks the health and lists the models', async () => {
    await serving({
      'GET /api/providers/health': HEALTH,
      'GET /api/providers/good/models': { provider: 'good', models: [{ id: 'a' }, { id: 'b' }] },
    })
    const { code, stdout } = await providers(['test', 'good'])
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: 'good is healthy (12 ms) and lists 2 models.\n',
    })
    expect(jsonOf(await providers(['test', 'good', '--json']))).toEqual({
      provider: 'good',
      healthy: true,
      latency_ms: 12,
      models: ['a', 'b'],
    })
  })

  it('ends with 69 and the reason when it is not healthy', async () => {
    await serving({ 'GET /api/providers/health': HEALTH })
    const outcome = await providers(['test', 'bad', '--json'])
    expect(outcome.code).toBe(69)
    expect(jsonOf(outcome)).toEqual({
      provider: 'bad',
      healthy: false,
      reason: 'refused the key',
      latency_ms: 3,
      models: [],
    })
    expect(outcome.stderr).toContain('refused the key')
  })

  it('names the others when there is none of that name', async () => {
    await serving({ 'GET /api/providers/health': HEALTH })
    const { code, stderr } = await providers(['test', 'god'])
    expect(code).toBe(1)
    expect(stderr).toContain('Known: good, bad.')
  })
})
