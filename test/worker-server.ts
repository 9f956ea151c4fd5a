// `patchbay serve` with several workers before one provider, for tests: what it answers, who its processes are, and what they say.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ObjectReader } from '../src/wire/json.ts'
import { askIn, requestIn } from './faults/asks.ts'
import { type FakeUpstream, type SeenRequest, openUpstream } from './fake-upstream.ts'
import { RawClient } from './raw-client.ts'
import { type Running, start } from './run-patchbay.ts'

export interface WorkerServerSetup {
  readonly workers: number
  /** More of `patchbay.yaml`. */
  readonly settings?: readonly string[]
  /** More of the provider. */
  readonly provider?: string
  readonly argv?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string
  /** Further files beside `patchbay.yaml`. */
  readonly files?: Readonly<Record<string, string>>
  /** Default: until all of them answer. */
  readonly waits?: 'for-all' | 'for-one'
}

const FILE = 'patchbay.yaml'

export class WorkerServer {
  readonly upstream: FakeUpstream
  readonly cwd: string
  readonly running: Running
  readonly #setup: WorkerServerSetup
  url: string = ''
  adminToken: string = ''
  readonly #clients: RawClient[] = []

  private constructor(upstream: FakeUpstream, cwd: string, setup: WorkerServerSetup) {
    this.upstream = upstream
    this.cwd = cwd
    this.#setup = setup
    this.write(setup.settings ?? [])
    for (const [name, text] of Object.entries(setup.files ?? {})) {
      writeFileSync(join(cwd, name), text)
    }
    const quiet = ['--open', '--no-detect', '--no-fetch', '--json', '--port', '0']
    const argv = ['serve', ...quiet, '--workers', String(setup.workers), ...(setup.argv ?? [])]
    const { stdin } = setup
    const allowed = { PATCHBAY_EGRESS_ALLOW: upstream.url }
    const env = { PATCHBAY_HOME: join(cwd, 'data'), ...allowed, ...setup.env }
    this.running = start(argv, { cwd, env, ...(stdin === undefined ? {} : { stdin }) })
  }

  static async open(setup: WorkerServerSetup): Promise<WorkerServer> {
    const cwd = mkdtempSync(join(tmpdir(), 'patchbay-workers-'))
    const server = new WorkerServer(await openUpstream(), cwd, setup)
    const banner = ObjectReader.of(
      JSON.parse(await server.running.printed('stdout', /\n/)),
      'banner',
    )
    server.url = banner.string('url')
    server.adminToken = banner.optionalString('admin_token') ?? ''
    if (setup.waits !== 'for-one') await server.allUp()
    return server
  }

  /** Writes the configuration: the provider, and what is given. */
  write(settings: readonly string[]): void {
    const { provider = '' } = this.#setup
    const house = `{ name: house, type: custom, base_url: "${this.upstream.url}/v1", models: [m, other, day, held, once], settings: { local: true }, timeout: 600${provider} }`
    // A machine that is busy with other tests has nothing shed here.
    const calm = 'overload: { enabled: false, targets: { adaptive: false } }'
    const text = [`providers: [${house}]`, calm, ...settings, ''].join('\n')
    writeFileSync(join(this.cwd, FILE), text)
  }

  get home(): string {
    return join(this.cwd, 'data')
  }

  /** Calls that the provider got. */
  get asked(): readonly SeenRequest[] {
    return this.upstream.requests.filter(({ method }) => method === 'POST')
  }

  /** The processes that answer. */
  pids(): readonly number[] {
    const { pid } = this.running
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    return children.trim().split(' ').map(Number)
  }

  /** Resolves once so many answer, as the metrics of all of them say. */
  async allUp(count: number = this.#setup.workers): Promise<void> {
    await this.seen(async () => {
      const metrics = await this.metrics()
      return new Set(metrics.match(/patchbay_calls_active\{worker="\d+"\}/g)).size === count
    })
  }

  /** Resolves once it is so. */
  async seen(isSo: () => Promise<boolean>): Promise<void> {
    while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20))
  }

  async metrics(): Promise<string> {
    return (await this.admin('/metrics')).text()
  }

  /** The values of one metric, by worker. */
  async counts(name: string): Promise<readonly number[]> {
    const lines = (await this.metrics()).split('\n').filter((line) => line.startsWith(`${name}{`))
    return lines.map((line) => Number(line.slice(line.lastIndexOf(' '))))
  }

  admin(path: string, init: Pick<RequestInit, 'method' | 'body'> = {}): Promise<Response> {
    const headers = {
      authorization: `Bearer ${this.adminToken}`,
      connection: 'close',
      'content-type': 'application/json',
    }
    return fetch(`${this.url}${path}`, { ...init, headers })
  }

  /** A whole answer, over a connection of its own. */
  async ask(
    model: string = 'house/m',
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const { path, body } = askIn('openai-chat', { model, shape: 'whole' })
    const more = { 'content-type': 'application/json', connection: 'close', ...headers }
    const init = { method: 'POST', headers: more, body: JSON.stringify(body) }
    const answer = await fetch(`${this.url}${path}`, init)
    const text = await answer.text()
    return new Response(text, { status: answer.status, headers: answer.headers })
  }

  /** A stream, over a connection of its own. */
  stream(model: string = 'house/m'): RawClient {
    const client = RawClient.at(this.url).send(requestIn('openai-chat', { model, shape: 'stream' }))
    this.#clients.push(client)
    return client
  }

  async close(): Promise<void> {
    for (const { socket } of this.#clients) socket.destroy()
    this.running.signal('SIGTERM')
    await this.running.ended
    await this.upstream.close()
    rmSync(this.cwd, { recursive: true, force: true })
  }
}
