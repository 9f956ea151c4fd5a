// The ledger of a real gateway while its database is away: PostgreSQL that is killed, and a file that another process holds.
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PatchbayConfig } from '../../src/config/schema.ts'
import type { Happening } from '../../src/exchange/happening.ts'
import type { BudgetRule } from '../../src/ledger/budget-rule.ts'
import { Secret } from '../../src/vault/secret.ts'
import { type FakeUpstream, openUpstream } from '../fake-upstream.ts'
import { type OpenGateway, openGateway } from '../open-gateway.ts'
import { asAsked, contentChunk, stream } from '../openai-replies.ts'
import { rowsIn } from './money.ts'
import { postgresServer } from './postgres-server.ts'
import { smallDisk } from './small-disk.ts'

const { value: postgres, reason } = await postgresServer()
const { value: disk, reason: noDisk } = await smallDisk(6 * 1024 * 1024)
afterAll(async () => {
  await postgres?.close()
  disk?.close()
})

const LEASE_MS = 900
/** 7 read and 3 written, at one and two dollars a million. */
const COST = 13_000

let upstream: FakeUpstream
let folder: string
let open: OpenGateway | undefined
let told: Happening[] = []

beforeEach(async () => {
  upstream = await openUpstream()
  upstream.answer(({ json }) => asAsked(json, ['one ', 'two']))
  folder = mkdtempSync(join(tmpdir(), 'patchbay-outage-'))
  told = []
})
afterEach(async () => {
  await open?.close()
  await upstream.close()
  rmSync(folder, { recursive: true })
})

async function gateway(
  rules: readonly BudgetRule[],
  store: PatchbayConfig['store'],
  dataDir: string = folder,
): Promise<OpenGateway> {
  open = await openGateway({
    dataDir,
    hear: (happening) => told.push(happening),
    config: {
      providers: [
        { providerType: 'custom', name: 'home', baseUrl: `${upstream.url}/v1`, models: ['m'] },
      ],
      auth: { anonymous: 'all' },
      prices: { 'home/m': { input: 1, output: 2 } },
      budgets: { rules },
      ledger: { leaseMs: LEASE_MS },
      ...(store === undefined ? { store: {} } : { store }),
    },
  })
  return open
}

async function ask(more: object = {}): Promise<Response> {
  return fetch(`${open?.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'home/m',
      max_tokens: 10,
      messages: [{ role: 'user', content: 'Go' }],
      ...more,
    }),
  })
}

const TOTAL =
  'SELECT COALESCE(SUM(nano_usd), 0) AS nano, COUNT(*) AS calls FROM ledger WHERE counted_at IS NOT NULL'
const HARD: BudgetRule = {
  id: 'all',
  scope: 'installation',
  limitNano: 1e9,
  period: 'total',
  hard: true,
}

describe.skipIf(postgres === undefined)(
  `while PostgreSQL is gone${reason === undefined ? '' : `: ${reason}`}`,
  () => {
    it('calls that no hard budget counts go on, and it knows each of them once it is back', async () => {
      const url = (await postgres?.database()) ?? ''
      await gateway([{ ...HARD, hard: false }], { url: new Secret(url) })
      await (await ask()).text()
      await postgres?.kill()
      for (let calls = 0; calls < 5; calls += 1) expect((await ask()).status).toBe(200)
      await postgres?.start()
      await expect
        .poll(() => told.some(({ type }) => type === 'ledger-replayed'), { timeout: 30_000 })
        .toBe(true)
      expect(await rowsIn({ url }, TOTAL)).toEqual([{ nano: 6 * COST, calls: 6 }])
      expect(await rowsIn({ url }, 'SELECT spent_nano, reserved_nano FROM budgets')).toEqual([
        { spent_nano: 6 * COST, reserved_nano: 0 },
      ])
      expect(await rowsIn({ url }, 'SELECT attempt_id FROM open_attempts')).toEqual([])
    })

    it('calls that one counts are refused, and one that ran is settled once it is back', async () => {
      const url = (await postgres?.database()) ?? ''
      await gateway([HARD], { url: new Secret(url) })
      upstream.reply(stream([contentChunk('one')], 'stall'))
      const running = await ask({ stream: true })
      await postgres?.kill()
      const refused = await ask()
      expect(refused.status).toBe(503)
      expect(refused.headers.get('x-patchbay-error')).toBe('ledger_unavailable')
      expect(refused.headers.get('x-should-retry')).toBe('true')
      expect(upstream.requests.length).toBe(1)
      await running.body?.cancel()
      await postgres?.start()
      await expect.poll(async () => (await ask()).status, { timeout: 30_000 }).toBe(200)
      await expect
        .poll(async () => rowsIn({ url }, 'SELECT attempt_id FROM open_attempts'), {
          timeout: 30_000,
        })
        .toEqual([])
      expect(await rowsIn({ url }, 'SELECT reserved_nano FROM budgets')).toEqual([
        { reserved_nano: 0 },
      ])
    })
  },
)

it('F116 a file that another process holds for 7 s refuses nobody, and the event loop does not stand still', async () => {
  await gateway([HARD], undefined)
  await (await ask()).text()
  const other = new DatabaseSync(join(folder, 'patchbay.db'))
  other.exec('BEGIN IMMEDIATE')
  const asked = Array.from({ length: 5 }, async () => ask())
  let longest = 0
  let last = performance.now()
  const ticking = setInterval(() => {
    longest = Math.max(longest, performance.now() - last)
    last = performance.now()
  }, 5)
  await new Promise((resolve) => setTimeout(resolve, 7000))
  clearInterval(ticking)
  expect(upstream.requests.length).toBe(1)
  other.exec('COMMIT')
  other.close()
  const answers = await Promise.all(asked)
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
  // The writer waits on a thread of its own: this one shares its processor with other work, and stands still for none.
  expect(longest).toBeLessThan(1000)
})

describe.skipIf(disk === undefined)(`on a disk${noDisk === undefined ? '' : `: ${noDisk}`}`, () => {
  it('F117 that is full, calls that a budget counts are refused, and let in again without a restart once it has room', async () => {
    const place = join(disk?.folder ?? '', 'data')
    await gateway([HARD], undefined, place)
    expect((await ask()).status).toBe(200)
    const filler = join(disk?.folder ?? '', 'filler')
    const { bavail, bsize } = statfsSync(disk?.folder ?? '')
    writeFileSync(filler, Buffer.alloc(bavail * bsize))
    // What the file had left of its last page is used up by a few calls.
    await expect.poll(async () => (await ask()).status, { timeout: 30_000 }).toBe(503)
    const asked = upstream.requests.length
    const refused = await ask()
    expect(refused.headers.get('x-patchbay-error')).toBe('ledger_unavailable')
    expect(upstream.requests.length).toBe(asked)
    expect(told).toContainEqual({
      type: 'ledger-failed',
      reason: 'store_full',
      outcome: 'refused',
    })
    rmSync(filler)
    await expect.poll(async () => (await ask()).status, { timeout: 30_000 }).toBe(200)
    const file = join(place, 'patchbay.db')
    await expect
      .poll(async () => rowsIn({ file }, 'SELECT attempt_id FROM open_attempts'), {
        timeout: 30_000,
      })
      .toEqual([])
    const answered = upstream.requests.length
    await open?.close()
    open = undefined
    expect(await rowsIn({ file }, 'SELECT spent_nano, reserved_nano FROM budgets')).toEqual([
      { spent_nano: answered * COST, reserved_nano: 0 },
    ])
    expect(await rowsIn({ file }, 'PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }])
  })
})
