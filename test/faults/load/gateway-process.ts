// `patchbay serve` and a provider of known pace, each a process of its own, and what the server tells of itself meanwhile.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ObjectReader } from '../../../src/wire/json.ts'
import { type Running, start } from '../../run-patchbay.ts'

export interface LoadSetup {
  readonly mode: 'answers' | 'streams'
  readonly paceMs: number
  /** Lines of patchbay.yaml. */
  readonly config: readonly string[]
}

export class GatewayProcess {
  readonly port: number
  readonly #cwd: string
  readonly #server: Running
  readonly #upstream: ChildProcess

  private constructor(parts: {
    readonly cwd: string
    readonly url: string
    readonly server: Running
    readonly upstream: ChildProcess
  }) {
    this.#cwd = parts.cwd
    this.#server = parts.server
    this.#upstream = parts.upstream
    this.port = Number(new URL(parts.url).port)
  }

  static async open({ mode, paceMs, config }: LoadSetup): Promise<GatewayProcess> {
    const cwd = await mkdtemp(join(tmpdir(), 'patchbay-load-'))
    const program = join(import.meta.dirname, 'paced-upstream.ts')
    const upstream = spawn(process.execPath, [program, mode, String(paceMs)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const [port] = await once(upstream.stdout, 'data')
    const base = `http://127.0.0.1:${String(port).trim()}/v1`
    await writeFile(
      join(cwd, 'patchbay.yaml'),
      [
        `providers: [{ name: house, type: custom, base_url: "${base}", models: [m], settings: { local: true } }]`,
        'metrics: { public: true }',
        ...config,
      ].join('\n'),
    )
    const argv = ['serve', '--port', '0', '--no-detect', '--no-fetch', '--json', '--log', 'off']
    const server = start(argv, { cwd, env: { PATCHBAY_HOME: join(cwd, 'data') } })
    const banner = ObjectReader.of(JSON.parse(await server.printed('stdout', /\n/)), '')
    return new GatewayProcess({ cwd, url: banner.string('url'), server, upstream })
  }

  /** Throws where this machine does not let the server open as many files. */
  mayOpen(files: number): void {
    if (this.#openFiles() >= files) return
    const pid = String(this.#server.pid)
    spawnSync('prlimit', ['--pid', pid, `--nofile=${files}:${files}`])
    if (this.#openFiles() >= files) return
    throw new Error(
      `The server needs ${files} open files, and this machine allows ${this.#openFiles()}. ` +
        'Raise `ulimit -n` (hard limit), or ask for fewer: npm run faults -- --streams 2000',
    )
  }

  /** The sum over the labels of each metric, by name. */
  async metrics(): Promise<ReadonlyMap<string, number>> {
    const answer = await fetch(`http://127.0.0.1:${this.port}/metrics`, {
      headers: { connection: 'close' },
    })
    const sums = new Map<string, number>()
    for (const line of (await answer.text()).split('\n')) {
      const { name, value } = /^(?<name>\w+)(?:\{.*\})? (?<value>\S+)$/.exec(line)?.groups ?? {}
      if (name !== undefined) sums.set(name, (sums.get(name) ?? 0) + Number(value))
    }
    return sums
  }

  async metric(name: string): Promise<number> {
    return (await this.metrics()).get(name) ?? 0
  }

  /** In MiB. */
  residentMemory(): number {
    const text = readFileSync(`/proc/${this.#server.pid}/status`, 'utf8')
    return Number(/VmRSS:\s+(?<kib>\d+)/.exec(text)?.groups?.['kib']) / 1024
  }

  /** The provider ends all its streams. */
  finish(): void {
    this.#upstream.stdin?.write('finish\n')
  }

  async close(): Promise<void> {
    this.#server.signal('SIGKILL')
    this.#upstream.stdin?.end()
    await this.#server.ended
    await rm(this.#cwd, { recursive: true })
  }

  #openFiles(): number {
    const text = readFileSync(`/proc/${this.#server.pid}/limits`, 'utf8')
    return Number(/Max open files\s+(?<soft>\d+)/.exec(text)?.groups?.['soft'] ?? 0)
  }
}
