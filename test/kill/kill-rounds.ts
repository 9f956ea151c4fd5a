// A gateway under load that is killed again and again at a moment drawn from a seed, and what its ledger says after each new start.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isObject, tryParseJson } from '../../src/wire/json.ts'
import { drawn } from '../chaos/plan.ts'
import { type Place, rowsIn } from '../real/money.ts'
import { type Running, start } from '../run-patchbay.ts'
import { type TruthUpstream, truthUpstream } from './truth-upstream.ts'

export interface KillOptions {
  readonly rounds: number
  readonly seed: number
  /** A PostgreSQL; default: a file. */
  readonly url?: string
  /** Calls under way at once. Default 8. */
  readonly atOnce?: number
}

export interface KillReport {
  readonly rounds: number
  readonly seed: number
  /** Calls whose clients have seen them whole. */
  readonly completed: number
  /** Calls that a provider has seen. */
  readonly seen: number
  /** Attempts that the end of their gateway left open, and the next one settled. */
  readonly crashed: number
  /** What is not as it should be. */
  readonly wrong: readonly string[]
  readonly seconds: number
}

/** Billionths of a dollar for a token. */
const INPUT = 1000
const OUTPUT = 2000
/** Milliseconds: a gateway that was killed counts as dead before the next one is up. */
const LEASE_MS = 400
/** So many pieces of answers, at the most, come before the kill. */
const MOST_PIECES = 120

const SETTINGS = [
  'prices: { slow/tiny: { input: 1, output: 2 } }',
  'budgets:',
  '  rules:',
  '    - { scope: installation, usd: 1000, period: total }',
  '    - { scope: key, usd: 1000, period: day }',
  `ledger: { lease_ms: ${LEASE_MS}, checkpoint_ms: 50 }`,
  'resilience: { max_attempts: 1 }',
].join('\n')

export async function killRounds(options: KillOptions): Promise<KillReport> {
  const startedAt = performance.now()
  let draws = 0
  const random = (): number => drawn(`${options.seed}/${(draws += 1)}`)
  const upstream = await truthUpstream(random)
  const folder = mkdtempSync(join(tmpdir(), 'patchbay-kill-'))
  const rounds = new Rounds({ ...options, random, upstream, folder })
  try {
    for (let round = 1; round <= options.rounds; round += 1) await rounds.round(round)
    await rounds.end()
    return await rounds.report(Math.round((performance.now() - startedAt) / 1000))
  } finally {
    await upstream.close()
    rmSync(folder, { recursive: true })
  }
}

interface RoundsOptions extends KillOptions {
  readonly random: () => number
  readonly upstream: TruthUpstream
  readonly folder: string
}

class Rounds {
  readonly #options: RoundsOptions
  readonly #place: Place
  /** The ids of calls that their clients have seen whole, with their names. */
  readonly #completed = new Map<string, string>()
  readonly #wrong: string[] = []
  #calls = 0

  constructor(options: RoundsOptions) {
    this.#options = options
    const { url, folder } = options
    this.#place = url === undefined ? { file: join(folder, 'data', 'patchbay.db') } : { url }
    const provider = `{ name: slow, type: custom, base_url: "${options.upstream.url}" }`
    const store = url === undefined ? '' : `store: { url: "${url}" }\n`
    writeFileSync(join(folder, 'patchbay.yaml'), `providers: [${provider}]\n${SETTINGS}\n${store}`)
  }

  async round(round: number): Promise<void> {
    const { upstream, random, atOnce = 8 } = this.#options
    const { running, url } = await this.#started()
    if (round > 1) await this.check()
    const left = { isOver: false }
    upstream.afterPieces(1 + Math.floor(random() * MOST_PIECES), () => {
      running.signal('SIGKILL')
      left.isOver = true
    })
    const client = async (): Promise<void> => {
      while (!left.isOver) await this.#call(url)
    }
    await Promise.all(Array.from({ length: atOnce }, client))
    await running.ended
  }

  /** The last one is let end. */
  async end(): Promise<void> {
    const { running } = await this.#started()
    await this.check()
    running.signal('SIGTERM')
    await running.ended
  }

  /** What holds whenever no gateway that was killed has left anything. */
  async check(): Promise<void> {
    await this.#recovered()
    const uses = await this.#rows(
      `SELECT call_id, COUNT(*) AS entries, SUM(CASE WHEN kind = 'settle' THEN 1 ELSE 0 END) AS settled, SUM(nano_usd) AS nano
       FROM ledger WHERE counted_at IS NOT NULL GROUP BY call_id`,
    )
    const known = new Map(uses.map((row) => [String(row['call_id']), row]))
    for (const [id, name] of this.#completed) {
      const used = this.#options.upstream.truth.get(name)
      const nano = used === undefined ? -1 : used.input * INPUT + used.output * OUTPUT
      const row = known.get(id)
      if (row?.['settled'] !== 1 || row['nano'] !== nano) {
        this.#wrong.push(`${name}: ${nano} by its provider, in the ledger ${JSON.stringify(row)}`)
      }
    }
    await this.#expect('dispatches without an end', 0, `${OPEN} `)
    await this.#expect(
      'reserved',
      0,
      'SELECT COALESCE(SUM(reserved_nano), 0) AS value FROM budgets',
    )
    await this.#expect(
      'budgets beside the ledger',
      0,
      `SELECT COALESCE((SELECT SUM(nano_usd) FROM ledger WHERE counted_at IS NOT NULL), 0)
       - COALESCE((SELECT SUM(spent_nano) FROM budgets WHERE scope = 'installation'), 0) AS value`,
    )
    const [dispatched] = await this.#rows(
      "SELECT COUNT(*) AS value FROM ledger WHERE kind = 'dispatch'",
    )
    if (Number(dispatched?.['value']) < this.#options.upstream.seen.size) {
      this.#wrong.push(
        `${this.#options.upstream.seen.size} calls came in, ${dispatched?.['value']} were written down`,
      )
    }
    if (this.#place.file === undefined) return
    const [sound] = await this.#rows('PRAGMA integrity_check')
    if (sound?.['integrity_check'] !== 'ok')
      this.#wrong.push('the database does not pass its check')
  }

  async report(seconds: number): Promise<KillReport> {
    const { rounds, seed, upstream } = this.#options
    const [crashed] = await this.#rows(
      "SELECT COUNT(*) AS value FROM ledger WHERE source = 'crash_estimate'",
    )
    return {
      rounds,
      seed,
      completed: this.#completed.size,
      seen: upstream.seen.size,
      crashed: Number(crashed?.['value']),
      wrong: [...new Set(this.#wrong)],
      seconds,
    }
  }

  async #started(): Promise<{ readonly running: Running; readonly url: string }> {
    const { folder } = this.#options
    const argv = ['serve', '--open', '--no-detect', '--no-fetch', '--json', '--port', '0']
    const env = { PATCHBAY_HOME: join(folder, 'data') }
    const running = start(argv, { cwd: folder, env })
    const banner = await running.printed('stdout', /"url": ?"http[^"]*"/)
    return { running, url: /"url": ?"(http[^"]*?)\/?"/.exec(banner)?.[1] ?? '' }
  }

  async #call(url: string): Promise<void> {
    this.#calls += 1
    const name = `call-${this.#options.seed}-${this.#calls}`
    const streamed = this.#options.random() < 0.6
    try {
      const response = await fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          model: 'slow/tiny',
          stream: streamed,
          max_tokens: 50,
          messages: [{ role: 'user', content: name }],
        }),
      })
      const text = await response.text()
      const isWhole = streamed ? text.endsWith('data: [DONE]\n\n') : isAnswer(text)
      const id = response.headers.get('x-patchbay-request-id') ?? ''
      if (response.status === 200 && isWhole) this.#completed.set(id, name)
    } catch {
      // It was killed: nobody has been told that the call is complete.
    }
  }

  /** Once nothing is open any more: the new gateway settles what the old one left as soon as that counts as dead. */
  async #recovered(): Promise<void> {
    for (let looks = 0; looks < 200; looks += 1) {
      const [row] = await this.#rows(OPEN)
      if (row?.['value'] === 0) return
      // The database is the only one that knows: it is looked at again.
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  async #expect(what: string, value: number, sql: string): Promise<void> {
    const [row] = await this.#rows(sql)
    if (row?.['value'] !== value) this.#wrong.push(`${what}: ${JSON.stringify(row)}`)
  }

  async #rows(sql: string): ReturnType<typeof rowsIn> {
    return rowsIn(this.#place, sql)
  }
}

const OPEN = 'SELECT COUNT(*) AS value FROM open_attempts'

function isAnswer(text: string): boolean {
  const json = tryParseJson(text)
  return isObject(json) && json['choices'] !== undefined
}
