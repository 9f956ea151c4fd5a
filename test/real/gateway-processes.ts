// Several `patchbay serve`, each a process of its own, before one provider; and a crowd of clients at their doors.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Running, start } from '../run-patchbay.ts'
import { type LedgerUpstream, ledgerUpstream } from './ledger-upstream.ts'

/** What each question of the crowd sets aside. */
export const TOKENS_EACH = 100

export interface ProcessesSetup {
  readonly gateways: number
  /** Further settings of `patchbay.yaml`. */
  readonly settings: string
  /** The data folder of all of them; it stays. Default: each has its own. */
  readonly home?: string
}

export class GatewayProcesses {
  readonly upstream: LedgerUpstream
  readonly urls: string[] = []
  readonly #running: Running[] = []
  readonly #folders: string[] = []
  #config: string | undefined
  /** An answer that nobody holds on to is collected, and its stream with it: its client would be gone. */
  readonly #answers: Response[] = []

  private constructor(upstream: LedgerUpstream) {
    this.upstream = upstream
  }

  static async open({ gateways, settings, home }: ProcessesSetup): Promise<GatewayProcesses> {
    const processes = new GatewayProcesses(await ledgerUpstream())
    for (let count = 0; count < gateways; count += 1) await processes.#add(settings, home)
    return processes
  }

  /** So many streams at once, spread over the gateways: the answers as their heads come. */
  async rush(count: number): Promise<readonly Response[]> {
    const answers = await Promise.all(
      Array.from({ length: count }, async (_, at) => this.#ask(this.urls[at % this.urls.length])),
    )
    this.#answers.push(...answers)
    return answers
  }

  /** What each gateway says of whether it takes calls. */
  async readiness(): Promise<readonly string[]> {
    return Promise.all(this.urls.map(async (url) => (await fetch(`${url}/readyz`)).text()))
  }

  async close(): Promise<void> {
    this.upstream.finish(1)
    for (const process of this.#running) process.signal('SIGTERM')
    await Promise.all(this.#running.map(async ({ ended }) => ended))
    await this.upstream.close()
    for (const folder of this.#folders) rmSync(folder, { recursive: true })
  }

  async #add(settings: string, home?: string): Promise<void> {
    const cwd = mkdtempSync(join(tmpdir(), 'patchbay-process-'))
    this.#folders.push(cwd)
    const provider = `{ name: slow, type: custom, base_url: "${this.upstream.url}" }`
    writeFileSync(join(cwd, 'patchbay.yaml'), `providers: [${provider}]\n${settings}\n`)
    const argv = ['serve', '--open', '--no-detect', '--no-fetch', '--json', '--port', '0']
    // Gateways on one database have one vault, and all its key: the first makes it.
    const config = (this.#config ??= cwd)
    const env = { PATCHBAY_HOME: home ?? join(cwd, 'data'), XDG_CONFIG_HOME: config }
    const running = start(argv, { cwd, env })
    this.#running.push(running)
    const banner = await running.printed('stdout', /"url": ?"http[^"]*"/)
    this.urls.push(/"url": ?"(http[^"]*?)\/?"/.exec(banner)?.[1] ?? '')
  }

  async #ask(url: string = ''): Promise<Response> {
    return fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'slow/tiny',
        stream: true,
        // The question is guessed to be 8.
        max_tokens: TOKENS_EACH - 8,
        messages: [{ role: 'user', content: 'Go' }],
      }),
    })
  }
}
