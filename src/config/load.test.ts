// Reading patchbay.yaml: what is refused, where it is said to be, and which source wins.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Secret } from '../vault/secret.ts'
import { loadConfig } from './load.ts'
import { ConfigError } from './problem.ts'
import type { ConfigLayer, PatchbayConfig } from './schema.ts'

let folder: string
let count = 0

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchbay-config-'))
})

afterAll(async () => {
  await rm(folder, { recursive: true })
})

interface Given {
  readonly env?: Record<string, string>
  readonly flags?: ConfigLayer
}

/** Loads `yaml` as ./patchbay.yaml of a fresh folder. */
async function load(yaml: string, { env = {}, flags = {} }: Given = {}): Promise<PatchbayConfig> {
  count += 1
  const cwd = join(folder, String(count))
  await mkdir(cwd)
  await writeFile(join(cwd, 'patchbay.yaml'), yaml)
  return loadConfig({ env, cwd, flags, machine: { home: cwd, platform: 'linux' } })
}

async function refusal(yaml: string, given: Given = {}): Promise<string> {
  const error: unknown = await load(yaml, given).catch((thrown: unknown) => thrown)
  if (error instanceof ConfigError) return error.message
  throw new Error('the file was accepted', { cause: error })
}

describe('routes', () => {
  it('are written in full, or as a list of names', async () => {
    const { routes } = await load(`routes:
  smart: [a/m, { model: b/m }]
  spread:
    strategy: weighted
    targets:
      - { model: a/m, weight: 3, context_tokens: 8000, capabilities: [tools] }
      - b/m
`)
    expect(routes).toEqual([
      { name: 'smart', targets: [{ model: 'a/m' }, { model: 'b/m' }] },
      {
        name: 'spread',
        strategy: 'weighted',
        targets: [
          { model: 'a/m', weight: 3, contextTokens: 8000, capabilities: ['tools'] },
          { model: 'b/m' },
        ],
      },
    ])
  })

  it.each([
    [
      'an unknown strategy',
      'strategy: wieghted\n    targets: [a/m]',
      /^patchbay\.yaml:3: routes\.smart\.strategy must be one of priority, weighted, round-robin, .*, auto; did you mean weighted\?$/,
    ],
    ['no targets', 'targets: []', /^patchbay\.yaml:3: routes\.smart\.targets must /],
    ['a missing list', 'strategy: auto', /^patchbay\.yaml:\d: routes\.smart\.targets is missing$/],
    [
      'a wrong weight',
      'targets: [{ model: a/m, weight: 0 }]',
      /^patchbay\.yaml:3: routes\.smart\.targets\[0\]\.weight must be more than 0$/,
    ],
    [
      'an unknown key',
      'targets: [{ model: a/m, wieght: 1 }]',
      /^patchbay\.yaml:3: routes\.smart\.targets\[0\]\.wieght is not a known key; did you mean weight\?$/,
    ],
    [
      'a target that is no name',
      'targets: [3]',
      /^patchbay\.yaml:3: routes\.smart\.targets\[0\] must be a string or a section, not a number$/,
    ],
  ])('refuse %s, and say what is meant', async (_what, yaml, message) => {
    expect(await refusal(`routes:\n  smart:\n    ${yaml}\n`)).toMatch(message)
  })

  it.each([
    ['a provider', 'providers: [{ name: smart, type: ollama }]', 'providers[0]'],
    ['an alias', 'aliases: { smart: a/m }', 'aliases.smart'],
  ])('refuse the name of %s', async (_what, yaml, other) => {
    expect(await refusal(`${yaml}\nroutes:\n  smart: [a/m]\n`)).toBe(
      `patchbay.yaml:3: routes.smart has the name of ${other}; a name means one thing, so give the route another`,
    )
  })
})

describe('the cache in a file', () => {
  it('is what is said of it, for routes too', async () => {
    const yaml = `cache: { enabled: true, ttl: 60, max_ttl: 3600, max_entries: 5, max_bytes: 1000, max_answer: 100, coalesce_ms: 0 }
routes:
  smart: { targets: [a/m], cache: { ttl: 5 } }
  plain: { targets: [a/m], cache: {} }
`
    const { cache, routes } = await load(yaml)
    expect(cache).toEqual({
      enabled: true,
      ttlMs: 60_000,
      maxTtlMs: 3_600_000,
      maxEntries: 5,
      maxBytes: 1000,
      maxAnswer: 100,
      coalesceMs: 0,
    })
    expect(routes?.map((route) => route.cache)).toEqual([{ ttlMs: 5000 }, {}])
  })

  it('and what is kept for calls that are sent again', async () => {
    const yaml =
      'idempotency: { enabled: false, ttl: 60, max_entries: 5, max_bytes: 9, max_answer: 7 }'
    const { idempotency } = await load(yaml)
    expect(idempotency).toEqual({
      enabled: false,
      ttlMs: 60_000,
      maxEntries: 5,
      maxBytes: 9,
      maxAnswer: 7,
    })
  })
})

describe('limits in a file', () => {
  it('become rules, and Redis a secret address', async () => {
    const yaml = `limits:
  output_reserve: 500
  rules:
    - { scope: key, of: team-*, requests: { per_minute: 5, per_day: 0.5 }, tokens: { per_day: 9 }, concurrency: 2, on_backend_loss: closed }
    - { scope: all, concurrency: "\${MOST}" }
redis: { url: "\${REDIS_URL}", instances: 3, settle_ms: 500, slice: 0 }
`
    const env = { MOST: '7', REDIS_URL: 'rediss://me:hush@redis.lan:6380/1' }
    const { limits, redis } = await load(yaml, { env })
    expect(limits.outputReserve).toBe(500)
    expect(limits.rules).toEqual([
      {
        scope: 'key',
        of: 'team-*',
        requests: { perMinute: 5, perDay: 0.5 },
        tokens: { perDay: 9 },
        concurrency: 2,
        onBackendLoss: 'closed',
      },
      { scope: 'all', concurrency: 7 },
    ])
    expect(redis).toMatchObject({
      instances: 3,
      namespace: 'patchbay',
      timeoutMs: 25,
      settleMs: 500,
      slice: 0,
    })
    expect(redis?.url.reveal()).toBe(env.REDIS_URL)
    expect(inspect(redis)).not.toContain('hush')
  })

  it.each([
    ['limits: { rules: [{ scope: key }] }', 'limits.rules[0] limits nothing'],
    [
      'limits: { rules: [{ scope: group, concurrency: 1 }] }',
      'must be one of all, key, team, provider, model',
    ],
    [
      'limits: { rules: [{ scope: all, of: me, concurrency: 1 }] }',
      'limits.rules[0].of has no meaning',
    ],
    [
      'limits: { rules: [{ scope: key, concurrency: 1 }, { scope: key, requests: { per_day: 1 } }] }',
      'limits.rules[1] is for the same as limits.rules[0]',
    ],
    [
      'limits: { rules: [{ scope: key, requests: { per_hour: 1 } }] }',
      'requests.per_hour is not a known key',
    ],
    ['redis: { url: "http://me:hush@redis" }', 'redis.url must be a redis:// or rediss:// URL'],
  ])('%s is refused', async (yaml, message) => {
    const told = await refusal(yaml)
    expect(told).toContain(message)
    expect(told).not.toContain('hush')
  })
})

describe('what a file says', () => {
  it('becomes the configuration in its own names', async () => {
    const config = await load(
      `server: { host: 0.0.0.0, port: 9000, allowed_hosts: [box.lan], allowed_origins: ['http://box.lan'] }
auth: { anonymous: all }
providers:
  - name: main
    type: openai
    api_key: sk-of-mine
    base_url: http://127.0.0.1:9999/v1
    models: [one, two]
    default_model: one
    enabled: false
    rate_limit: 30
    timeout: 2.5
    settings:
      connect_timeout: 1
      headers: { x-team: blue }
      flags: { keep_me: [1, null] }
default_provider: main
aliases: { fast: main/one }
plugins: [./house.ts]
data_dir: data
limits: { max_body_bytes: 1000 }
response_store: { enabled: false, ttl: 60.5, max_entries: 7, max_bytes: 1000 }
`,
    )
    const { providers, dataDir, baseDir, file, sources, ...rest } = config
    expect(sources).toMatchObject({ 'server.port': 'file', aliases: 'file', providers: 'file' })
    expect(rest).toEqual({
      server: {
        host: '0.0.0.0',
        port: 9000,
        allowedHosts: ['box.lan'],
        allowedOrigins: ['http://box.lan'],
        open: false,
      },
      auth: { anonymous: 'all' },
      defaultProvider: 'main',
      aliases: { fast: 'main/one' },
      plugins: ['./house.ts'],
      limits: { maxBodyBytes: 1000 },
      responseStore: { enabled: false, ttl: 60.5, maxEntries: 7, maxBytes: 1000 },
    })
    expect(dataDir).toBe(join(baseDir, 'data'))
    expect(file).toBe(join(baseDir, 'patchbay.yaml'))
    const [provider] = providers
    expect(provider).toEqual({
      name: 'main',
      providerType: 'openai',
      apiKey: expect.any(Secret),
      baseUrl: 'http://127.0.0.1:9999/v1',
      models: ['one', 'two'],
      defaultModel: 'one',
      enabled: false,
      rateLimit: 30,
      timeout: 2.5,
      settings: { connectTimeout: 1, headers: { 'x-team': 'blue' }, flags: { keep_me: [1, null] } },
    })
  })

  it('holds keys that cannot be printed by accident', async () => {
    const config = await load('providers: [{ name: main, type: openai, api_key: sk-of-mine }]')
    expect(inspect(config, { depth: 9 }) + JSON.stringify(config)).not.toContain('sk-of-mine')
    const key = config.providers[0]?.apiKey
    expect(key instanceof Secret && key.reveal()).toBe('sk-of-mine')
  })

  it('takes the name of a provider as its type when none is given', async () => {
    const config = await load('providers: [{ name: ollama }]')
    expect(config.providers).toEqual([{ name: 'ollama', providerType: 'ollama' }])
  })

  it('adds the plugin of a provider to the plugins, once', async () => {
    const config = await load(
      'plugins: [./a.ts]\nproviders: [{ name: x, plugin: ./a.ts }, { name: y, plugin: pack }]',
    )
    expect(config.plugins).toEqual(['./a.ts', 'pack'])
  })

  it('may be empty, or have empty sections', async () => {
    const empty = await load('# nothing yet\n')
    expect(empty.server).toEqual({
      host: '127.0.0.1',
      port: 8787,
      allowedHosts: [],
      allowedOrigins: [],
      open: false,
    })
    expect(await load('server:\nproviders:\n  # - name: main\n')).toMatchObject({
      server: empty.server,
      providers: [],
    })
  })

  it('keeps responses for a day, up to a size, unless it says otherwise', async () => {
    const usual = { enabled: true, ttl: 86_400, maxEntries: 10_000, maxBytes: 67_108_864 }
    expect((await load('# nothing\n')).responseStore).toEqual(usual)
    const shorter = await load('response_store: { ttl: 60 }')
    expect(shorter.responseStore).toEqual({ ...usual, ttl: 60 })
  })

  it('allows anonymous local use on loopback only, unless it says more', async () => {
    expect((await load('server: { host: localhost }')).auth.anonymous).toBe('local')
    expect((await load('server: { host: 0.0.0.0 }')).auth.anonymous).toBe('off')
    expect((await load('auth: { anonymous: off }')).auth.anonymous).toBe('off')
  })
})

describe('what is refused, with its line and path', () => {
  it.each([
    [
      'an unknown key at the top',
      'servr:\n  port: 1\n',
      'patchbay.yaml:1: servr is not a known key; did you mean server?',
    ],
    [
      'an unknown key in a provider',
      'providers:\n  - name: main\n    bse_url: http://x\n',
      'patchbay.yaml:3: providers[0].bse_url is not a known key; did you mean base_url?',
    ],
    [
      'an unknown key that is near to none',
      'auth:\n  zzzzzzzzzz: 1\n',
      'patchbay.yaml:2: auth.zzzzzzzzzz is not a known key; known here: anonymous',
    ],
    [
      'text for a number',
      'server:\n  host: localhost\n  port: eighty\n',
      'patchbay.yaml:3: server.port must be a number, not a string',
    ],
    [
      'a port that does not exist',
      'server:\n  port: 70000\n',
      'patchbay.yaml:2: server.port must be at most 65535',
    ],
    [
      'a timeout of nothing',
      'providers:\n  - name: main\n    timeout: 0\n',
      'patchbay.yaml:3: providers[0].timeout must be more than 0',
    ],
    [
      'a section for a list',
      'providers:\n  main: {}\n',
      'patchbay.yaml:1: providers must be a list, not a section',
    ],
    [
      'a list for the whole file',
      '- name: main\n',
      'patchbay.yaml:1: must be a section, not a list',
    ],
    [
      'a provider without a name',
      'providers:\n  - type: openai\n',
      'patchbay.yaml:2: providers[0].name is missing',
    ],
    [
      'a name with a slash',
      'providers:\n  - name: a/b\n',
      'patchbay.yaml:2: providers[0].name must be 1 to 64 letters, digits, dots, dashes or underscores, and start with a letter or digit',
    ],
    [
      'a word for another word',
      'auth:\n  anonymous: locl\n',
      'patchbay.yaml:2: auth.anonymous must be one of off, local, all; did you mean local?',
    ],
    [
      'an address that is no URL',
      'providers:\n  - name: main\n    base_url: localhost:1234\n',
      'patchbay.yaml:3: providers[0].base_url must be an http or https URL',
    ],
    [
      'a name given twice',
      'providers:\n  - name: main\n  - type: openai\n    name: main\n',
      'patchbay.yaml:4: providers[1].name is main, as providers[0].name is already; names must differ',
    ],
    [
      'a key given twice',
      'auth: {}\nauth: {}\n',
      'patchbay.yaml:2: is not valid YAML (duplicate key)',
    ],
  ])('%s', async (_what, yaml, message) => {
    expect(await refusal(yaml)).toBe(message)
  })

  it('everything at once, a line each', async () => {
    const message = await refusal(
      'servr: 1\nauth: { anonymous: maybe }\nlimits: { max_body_bytes: -1 }\n',
    )
    expect(message.split('\n')).toHaveLength(3)
  })

  it('broken YAML, without quoting it', async () => {
    const message = await refusal('providers:\n  - name: main\n    api_key: "sk-of-mine\n')
    expect(message).toMatch(/^patchbay\.yaml:\d+: is not valid YAML \(missing char\)/)
    expect(message).not.toContain('sk-of-mine')
  })

  it('a key of the wrong type, without quoting it', async () => {
    const message = await refusal('providers: [{ name: main, api_key: 48151623 }]')
    expect(message).toBe('patchbay.yaml:1: providers[0].api_key must be a string, not a number')
  })

  it('open use on an address that others can reach', async () => {
    const message = await refusal('server: { host: 0.0.0.0, open: true }')
    expect(message).toContain('server.open lets anyone use every provider without a key')
  })
})

describe('variables in the file', () => {
  it('are replaced in texts, numbers and flags', async () => {
    const config = await load(
      'server:\n  port: "${PORT}"\n  open: ${OPEN}\nproviders: [{ name: main, base_url: "http://${HOST:-localhost}/v1" }]',
      { env: { PORT: '1234', OPEN: 'true' } },
    )
    expect(config.server).toMatchObject({ port: 1234, open: true })
    expect(config.providers[0]?.baseUrl).toBe('http://localhost/v1')
  })

  it('say how to write them where YAML has its own braces', async () => {
    expect(await refusal('server: { port: ${PORT} }\n', { env: { PORT: '1' } })).toBe(
      'patchbay.yaml:1: is not valid YAML (unexpected token); put ${NAME} in double quotes when it stands inside { } or [ ]',
    )
  })

  it('say where one is missing and how to go without', async () => {
    expect(await refusal('providers:\n  - name: main\n    api_key: ${NO_SUCH_KEY}\n')).toBe(
      'patchbay.yaml:3: providers[0].api_key needs the environment variable NO_SUCH_KEY, which is not set; set it, or write ${NO_SUCH_KEY:-} to go without',
    )
  })

  it('count as not given when the default is empty', async () => {
    const config = await load('providers: [{ name: main, api_key: "${NO_SUCH_KEY:-}" }]')
    expect(config.providers).toEqual([{ name: 'main', providerType: 'main' }])
  })
})

describe('which source wins', () => {
  it('flags over environment over file over defaults', async () => {
    const yaml =
      'server: { port: 1, host: 127.0.0.2, allowed_hosts: [a] }\nauth: { anonymous: all }'
    const env = { PATCHBAY_PORT: '2', PATCHBAY_HOST: '127.0.0.3' }
    const { server, auth } = await load(yaml, { env, flags: { server: { port: 3 } } })
    expect(server).toEqual({
      port: 3,
      host: '127.0.0.3',
      allowedHosts: ['a'],
      allowedOrigins: [],
      open: false,
    })
    expect(auth.anonymous).toBe('all')
  })

  it('reads lists from the environment, separated by commas', async () => {
    const env = { PATCHBAY_ALLOWED_HOSTS: 'a.lan, b.lan', PATCHBAY_ANONYMOUS: 'off' }
    const config = await load('', { env })
    expect(config.server.allowedHosts).toEqual(['a.lan', 'b.lan'])
    expect(config.auth.anonymous).toBe('off')
  })

  it('names the variable that is wrong', async () => {
    expect(await refusal('', { env: { PATCHBAY_PORT: 'high' } })).toBe(
      'environment: PATCHBAY_PORT must be a number, not a string',
    )
  })

  it('puts PATCHBAY_HOME before data_dir and data_dir before the usual folder', async () => {
    const env = { PATCHBAY_HOME: '/elsewhere' }
    expect((await load('data_dir: /here', { env })).dataDir).toBe('/elsewhere')
    expect((await load('data_dir: /here')).dataDir).toBe('/here')
    const usual = await load('')
    expect(usual.dataDir).toBe(join(usual.baseDir, '.local', 'share', 'patchbay'))
  })
})

describe('which file is read', () => {
  it('the one of --config, which must exist', async () => {
    const path = join(folder, 'mine.yaml')
    await writeFile(path, 'server: { port: 4321 }')
    const config = await loadConfig({ file: 'mine.yaml', env: {}, cwd: folder })
    expect(config.server.port).toBe(4321)
    await expect(loadConfig({ file: 'none.yaml', env: {}, cwd: folder })).rejects.toThrow(
      `${join(folder, 'none.yaml')}: does not exist, but --config names it`,
    )
  })

  it('else the one of PATCHBAY_CONFIG, which must exist', async () => {
    const env = { PATCHBAY_CONFIG: join(folder, 'nowhere.yaml') }
    await expect(loadConfig({ env, cwd: folder })).rejects.toThrow('PATCHBAY_CONFIG names it')
  })

  it('else the one in the configuration folder of the user', async () => {
    const home = join(folder, 'home')
    await mkdir(join(home, '.config', 'patchbay'), { recursive: true })
    await writeFile(join(home, '.config', 'patchbay', 'patchbay.yaml'), 'server: { port: 77 }')
    const machine = { home, platform: 'linux' } as const
    const config = await loadConfig({ env: {}, cwd: join(folder, 'no-file-here'), machine })
    expect(config.server.port).toBe(77)
  })

  it('else none, and the working folder is where paths start', async () => {
    const config = await loadConfig({
      env: {},
      cwd: folder,
      machine: { home: folder, platform: 'linux' },
    })
    expect(config.file).toBeUndefined()
    expect(config.baseDir).toBe(folder)
  })

  it('a folder of that name is refused with the reason', async () => {
    await expect(loadConfig({ file: '.', env: {}, cwd: folder })).rejects.toThrow(
      'cannot be read (EISDIR)',
    )
  })
})
