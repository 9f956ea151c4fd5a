// A server of a build as a process of its own, with a provider that records what it is asked, and everything that it lets out.
import assert from 'node:assert/strict'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type JsonObject, ObjectReader, isObject, tryParseJson } from '../../src/wire/json.ts'
import { type FakeUpstream, openUpstream } from '../fake-upstream.ts'
import { asAsked } from '../openai-replies.ts'
import { RawClient } from '../raw-client.ts'
import { type Outcome, type Running, start } from '../run-patchbay.ts'
import { CANARIES, assertAbsent } from './canaries.ts'
import { type CanaryListener, openCanaryListener } from './canary-listener.ts'

export interface StandSetup {
  /** So many providers like `cloud` besides: `spare-0` and on. */
  readonly spares?: number
  /** Lines of patchbay.yaml besides the providers. `cloud` costs money, `home` is free, `filed` has its key in the file. */
  readonly config?: readonly string[]
  /** The source of a provider of the type `plugged`; `BUILD` stands for the root of the build. */
  readonly plugin?: string
  readonly env?: Readonly<Record<string, string>>
  readonly flags?: readonly string[]
}

export interface Ask {
  readonly method?: string
  /** Absent: none is sent. */
  readonly key?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: JsonObject | string | Uint8Array<ArrayBuffer>
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** An empty object where the body is none. */
  readonly json: JsonObject
}

export interface MadeKey {
  /** In clear. */
  readonly secret: string
  readonly id: string
}

interface Parts {
  readonly cwd: string
  readonly server: Running
  readonly banner: ObjectReader
  readonly upstream: FakeUpstream
  readonly forbidden: CanaryListener
}

const ENV_KEY = 'CNRY_KEY'
const GIVEN: ReadonlySet<string> = new Set(['patchbay.yaml', 'plugged.ts'])

/** What is asked and answered: not kept anywhere, unless somebody asks for it. */
const TALK = [CANARIES.prompt, CANARIES.answer]

export class Stand {
  readonly url: string
  readonly port: number
  readonly cwd: string
  readonly pid: number
  readonly adminToken: string
  readonly clientKey: string
  /** The one place that providers of this server are at. */
  readonly upstream: FakeUpstream
  /** Nothing may ever come here. */
  readonly forbidden: CanaryListener
  readonly #server: Running
  /** Keys that were made meanwhile: they stand in the one answer that showed them. */
  readonly #minted: string[] = []
  /** Requests to the provider that were looked at. */
  #looked = 0
  /** Heads and bodies of the answers that were not looked at yet. */
  readonly #answers: string[] = []

  private constructor({ cwd, server, banner, upstream, forbidden }: Parts) {
    this.cwd = cwd
    this.url = banner.string('url')
    this.port = Number(new URL(this.url).port)
    this.pid = server.pid
    this.adminToken = banner.optionalString('admin_token') ?? ''
    this.clientKey = banner.optionalString('client_key') ?? ''
    this.upstream = upstream
    this.forbidden = forbidden
    this.#server = server
  }

  static async open(root: string, setup: StandSetup = {}): Promise<Stand> {
    const cwd = await mkdtemp(join(tmpdir(), 'patchbay-attacked-'))
    const upstream = await openUpstream()
    upstream.answer(({ json }) => asAsked(json, [CANARIES.answer]))
    const forbidden = await openCanaryListener()
    await writeFile(join(cwd, 'patchbay.yaml'), configOf(upstream, setup))
    if (setup.plugin !== undefined) {
      await writeFile(join(cwd, 'plugged.ts'), setup.plugin.replaceAll('BUILD', root))
    }
    const argv = ['serve', '--port', '0', '--no-detect', '--no-fetch', '--json', '--log', 'json']
    const server = start([...argv, ...(setup.flags ?? [])], {
      cwd,
      env: { PATCHBAY_HOME: join(cwd, 'data'), [ENV_KEY]: CANARIES.keyByEnvironment, ...setup.env },
      program: join(root, 'bin', 'patchbay.js'),
    })
    const banner = ObjectReader.of(tryParseJson(await server.printed('stdout', /\n/)) ?? {}, '')
    return new Stand({ cwd, server, banner, upstream, forbidden })
  }

  async ask(path: string, { method, key, headers = {}, body }: Ask = {}): Promise<Answer> {
    const response = await fetch(`${this.url}${path}`, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      redirect: 'manual',
      headers: {
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        connection: 'close',
        ...headers,
      },
      ...(body === undefined ? {} : { body: isText(body) ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    this.#answers.push(`${JSON.stringify([...response.headers])}\n${text}`)
    const json = tryParseJson(text)
    const { status } = response
    return { status, headers: response.headers, text, json: isObject(json) ? json : {} }
  }

  /** A chat with the model `cloud/m` in the protocol of OpenAI, with whatever else the body is to say. */
  async chat(ask: Omit<Ask, 'body'> & { readonly body?: JsonObject } = {}): Promise<Answer> {
    const messages = [{ role: 'user', content: 'Say something.' }]
    const body = { model: 'cloud/m', messages, ...ask.body }
    return this.ask('/v1/chat/completions', { key: this.clientKey, ...ask, body })
  }

  /** Bytes on a bare socket, and all that comes back until the server closes it: the request must ask for that. */
  async raw(bytes: string | Uint8Array): Promise<string> {
    const client = RawClient.at(this.url).send(bytes)
    await client.closed
    this.#answers.push(client.text)
    return client.text
  }

  /** A request without a body whose first line and headers are as given, and nothing else. */
  async rawRequest(line: string, headers: readonly string[]): Promise<string> {
    return this.raw([`${line} HTTP/1.1`, ...headers, 'Connection: close', '', ''].join('\r\n'))
  }

  /** The status that a request without a body gets whose first line and headers are these and no others, as they stand here. */
  async statusOf(line: string, headers: readonly string[]): Promise<number> {
    const bytes = [`${line} HTTP/1.1`, ...headers, '', ''].join('\r\n')
    const client = RawClient.at(this.url).send(bytes)
    const answer = await client.until(/\r\n\r\n/)
    client.socket.destroy()
    this.#answers.push(answer)
    return Number(/^HTTP\/1\.1 (?<status>\d{3})/.exec(answer)?.groups?.['status'])
  }

  /** Everything that it has written: the log is on stderr. */
  async log(): Promise<string> {
    return this.#server.printed('stderr', /^/)
  }

  /** Makes a key over the API. Without a kind it is a client's, and may do everything. */
  async makeKey(asked: JsonObject = {}): Promise<MadeKey> {
    const answer = await this.ask('/api/admin/keys', {
      key: this.adminToken,
      body: { name: 'made', ...asked },
    })
    assert.equal(answer.status, 201, answer.text)
    const made = ObjectReader.of(answer.json, 'the answer')
    const secret = made.string('secret')
    this.#minted.push(secret)
    return { secret, id: made.object('key').string('id') }
  }

  async metrics(): Promise<string> {
    return (await this.ask('/metrics', { key: this.adminToken })).text
  }

  /** Every file of its data folder, byte for byte. */
  files(): ReadonlyMap<string, string> {
    const folder = join(this.cwd, 'data')
    // It may have been given another one.
    if (!existsSync(folder)) return new Map()
    const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    return new Map(
      names
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .map((path) => [path, readFileSync(path, 'latin1')]),
    )
  }

  /** Secrets of ours, which no provider may see, and which are shown once at the first start. */
  get tokens(): readonly string[] {
    return [this.adminToken, this.clientKey].filter((token) => token !== '')
  }

  /** It runs, answers, has told nobody a secret, and has gone nowhere but to its provider. */
  async assertUnharmed(): Promise<void> {
    assert.ok(this.isAlive(), `the server has ended:\n${await this.log()}`)
    const alive = await this.ask('/')
    assert.equal(alive.status, 200, 'the server does not answer any more')
    assert.deepEqual(this.forbidden.heard, [], 'a place was reached that nobody may reach')
    assertAbsent('the metrics', await this.metrics(), [...this.#secrets(), ...TALK])
    await this.assertSilent()
  }

  /** No secret stands in anything that it wrote, sent or kept; it may have ended. */
  async assertSilent(): Promise<void> {
    const secrets = this.#secrets()
    const [, ...afterBanner] = (await this.#server.printed('stdout', /\n/)).split('\n')
    const written = [...secrets, ...this.#minted, ...TALK]
    assertAbsent('stdout', afterBanner.join('\n'), written)
    assertAbsent('the log', await this.log(), written)
    assertAbsent('an answer', this.#answers.splice(0).join('\n'), secrets)
    for (const [path, text] of [...this.files(), ...this.droppedFiles()]) {
      assertAbsent(path, text, written)
    }
    const requests = this.upstream.requests.slice(this.#looked)
    this.#looked += requests.length
    for (const { path, headers, text } of requests) {
      const asked = `${path}\n${JSON.stringify(headers)}\n${text}`
      assertAbsent('what the provider was asked', asked, [...this.tokens, ...this.#minted])
      assertAbsent('the body for a provider', text, secrets)
      assertAbsent('the path for a provider', path, secrets)
    }
  }

  #secrets(): readonly string[] {
    const { keyByEnvironment, keyInFile, keyByApi } = CANARIES
    return [keyByEnvironment, keyInFile, keyByApi, ...this.tokens]
  }

  /** Every file of its working folder that was not put there. */
  droppedFiles(): ReadonlyMap<string, string> {
    return new Map(
      readdirSync(this.cwd, { withFileTypes: true })
        .filter((entry) => entry.isFile() && !GIVEN.has(entry.name))
        .map(({ name }) => [name, readFileSync(join(this.cwd, name), 'latin1')]),
    )
  }

  signal(name: NodeJS.Signals): void {
    this.#server.signal(name)
  }

  /** Resolves once the process has ended, with all that it wrote. */
  async ended(): Promise<Outcome> {
    return this.#server.ended
  }

  isAlive(): boolean {
    try {
      process.kill(this.pid, 0)
      return true
    } catch {
      return false
    }
  }

  async close(): Promise<void> {
    this.#server.signal('SIGKILL')
    // What it let out is looked at after each attack; of a weakened build it is no news.
    await this.#server.ended.catch(() => undefined)
    await this.upstream.close()
    await this.forbidden.close()
    await rm(this.cwd, { recursive: true, force: true })
  }
}

function configOf(upstream: FakeUpstream, setup: StandSetup): string {
  const { spares = 0, plugin, config = [] } = setup
  const base = `type: custom, base_url: "${upstream.url}/v1", models: [m, other]`
  const cloud = `${base}, api_key: "\${${ENV_KEY}}", settings: { local: false }`
  return [
    'providers:',
    `  - { name: cloud, ${cloud} }`,
    `  - { name: home, ${base}, settings: { local: true } }`,
    `  - { name: filed, ${base}, api_key: "${CANARIES.keyInFile}", settings: { local: false } }`,
    ...Array.from({ length: spares }, (_, at) => `  - { name: spare-${at}, ${cloud} }`),
    ...(plugin === undefined ? [] : ['  - { name: plugged, type: plugged, plugin: ./plugged.ts }']),
    // Who counts what an upstream is asked is not to be surprised.
    'health: { probes: false, check_keys: false }',
    ...(config.some((line) => line.startsWith('prices:')) ? [] : [pricesOf(spares)]),
    // Attacks are refused for what they are, not because the machine is busy.
    ...(config.some((line) => line.startsWith('overload:'))
      ? []
      : ['overload: { enabled: false }']),
    // The admin may register providers here, and nowhere else on this machine.
    ...(config.some((line) => line.startsWith('egress:'))
      ? []
      : [`egress: { allow: ["${upstream.url}"] }`]),
    ...config,
  ].join('\n')
}

/** A key of a client's has a budget, and nothing without a price is asked for it. */
function pricesOf(spares: number): string {
  const names = [
    'cloud',
    'home',
    'filed',
    ...Array.from({ length: spares }, (_, at) => `spare-${at}`),
  ]
  const priced = names.flatMap((name) =>
    ['m', 'other'].map((model) => `${name}/${model}: { input: 1, output: 1 }`),
  )
  return `prices: { ${priced.join(', ')} }`
}

function isText(body: NonNullable<Ask['body']>): body is string | Uint8Array<ArrayBuffer> {
  return typeof body === 'string' || body instanceof Uint8Array
}
