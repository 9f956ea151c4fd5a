// The proof of the budgets: 200 streams at once before gateways that are processes of their own, and a provider that counts for itself.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { statuses } from '../crowd.ts'
import { GatewayProcesses } from './gateway-processes.ts'
import { type Place, budgetFor, rowsIn, truth } from './money.ts'
import { postgresServer } from './postgres-server.ts'

const { value: postgres, reason } = await postgresServer()

const FIT = 37
const CROWD = 200
/** One less than was set aside, and a question of one token: something of each is given back. */
const USED = 93

let open: GatewayProcesses | undefined
const folders: string[] = []

afterEach(async () => {
  await open?.close()
  open = undefined
})
afterAll(async () => {
  for (const folder of folders) rmSync(folder, { recursive: true })
  await postgres?.close()
})

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'patchbay-money-'))
  folders.push(made)
  return made
}

async function race(gateways: number, place: Place): Promise<void> {
  const { nano, settings } = budgetFor(FIT)
  const { file, url } = place
  open = await GatewayProcesses.open({
    gateways,
    settings: url === undefined ? settings : `${settings}\nstore: { url: "${url}" }`,
    ...(file === undefined ? {} : { home: dirname(file) }),
  })
  const { upstream } = open
  const answers = await open.rush(CROWD)
  expect(statuses(answers)).toEqual({ 200: FIT, 402: CROWD - FIT })
  expect(upstream.begun).toBe(FIT)
  const refused = answers.find(({ status }) => status === 402)
  expect(refused?.headers.get('x-should-retry')).toBe('false')
  upstream.finish(USED)
  await Promise.all(answers.map(async (answer) => answer.text()))
  const spent = 'SELECT SUM(spent_nano) AS spent, SUM(reserved_nano) AS reserved FROM budgets'
  expect(await rowsIn(place, spent)).toEqual([{ spent: truth(upstream), reserved: 0 }])
  // What was given back is used by others, and still never more than there is.
  const later = await open.rush(20)
  expect(statuses(later)).toEqual({ 200: 2, 402: 18 })
  upstream.finish(USED)
  await Promise.all(later.map(async (answer) => answer.text()))
  const [row] = await rowsIn(place, spent)
  expect(row).toEqual({ spent: truth(upstream), reserved: 0 })
  expect(Number(row?.['spent'])).toBeLessThanOrEqual(nano)
  const sums = await rowsIn(
    place,
    "SELECT SUM(nano_usd) AS nano, COUNT(*) AS calls FROM ledger WHERE kind = 'settle'",
  )
  expect(sums).toEqual([{ nano: truth(upstream), calls: FIT + 2 }])
}

describe('200 streams before a budget that has room for 37', () => {
  it.each([1, 2])(
    'F145 K010 are 37 that run, with %i processes over one SQLite file',
    async (gateways) => {
      await race(gateways, { file: join(folder(), 'patchbay.db') })
    },
  )

  it.skipIf(postgres === undefined)(
    `F145 K010 are 37 that run, with 2 processes over one PostgreSQL${reason === undefined ? '' : `: ${reason}`}`,
    async () => {
      const url = (await postgres?.database()) ?? ''
      await race(2, { url })
    },
  )
})
