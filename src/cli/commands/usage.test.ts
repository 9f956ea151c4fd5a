// patchbay usage and prices, against a server that answers as the REST API does.
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { type FakeRest, type Reply, fakeRest } from '../../../test/fake-rest.ts'
import { type Outcome, jsonOf, run } from '../../../test/run-patchbay.ts'
import type { JsonObject } from '../../wire/json.ts'

let server: FakeRest | undefined

afterEach(async () => {
  await server?.close()
  server = undefined
})

async function patchbay(
  argv: readonly string[],
  replies: Readonly<Record<string, Reply>>,
): Promise<Outcome> {
  server = await fakeRest(replies)
  const env = { PATCHBAY_URL: server.url, PATCHBAY_ADMIN_TOKEN: 'pba_t' }
  return run(argv, { cwd: tmpdir(), env })
}

function sum(requests: number, usd: string, unpriced = 0): JsonObject {
  const tokens = { input: 10 * requests, output: requests }
  return { requests, attempts: requests, errors: 0, unpriced, tokens, cost_usd: usd }
}

describe('usage', () => {
  const totals = sum(3, '0.004', 1)
  const page = { groups: [{ model: 'lab/m', ...sum(2, '0.004') }], totals, next: null }
  const asked = 'GET /api/usage?group_by=model&limit=500'

  it('is a table with its sum, and says where a price is missing', async () => {
    const { code, stdout, stderr } = await patchbay(['usage'], { [asked]: page })
    expect(code).toBe(0)
    expect(stdout).toBe(`MODEL  REQUESTS  ERRORS  INPUT  OUTPUT  USD
lab/m  2         0       20     2       0.004
all    3         0       30     3       0.004
`)
    expect(stderr).toContain('1 attempts went to models whose price nobody knows')
  })

  it('takes all pages together', async () => {
    const more = { groups: [{ day: '2026-11-28T00:00:00.000Z', key: null, ...sum(1, '0') }] }
    const by = 'group_by=day%2Ckey&limit=500'
    const { stdout } = await patchbay(['usage', '--by', 'day,key', '--team', 't'], {
      [`GET /api/usage?team=t&${by}`]: { ...more, totals, next: 'abc' },
      [`GET /api/usage?team=t&${by}&after=abc`]: { ...more, totals, next: null },
    })
    expect(stdout.match(/2026-11-28 {2}-/g)).toHaveLength(2)
  })

  it('is the answer of the server as JSON', async () => {
    const { stdout } = await patchbay(['usage', '--json'], { [asked]: page })
    expect(JSON.parse(stdout)).toEqual({ groups: page.groups, totals })
  })
})

describe('prices', () => {
  const known = {
    model: 'openai/gpt-5-mini',
    source: 'list',
    name: 'openai/gpt-5-mini',
    list: 'a list',
    version: 'price_0123456789abcdef',
    per_million: { input: 0.25, output: 2 },
    per_tool_call: { web_search_requests: 0.01 },
    tiers: [{ above_input_tokens: 1000, per_million: { input: 0.5 } }],
    services: { flex: { per_million: { input: 0.125 } } },
  }
  const unknown = { model: 'lab/x', source: 'unknown' }

  it('are a table of all models, with who says so', async () => {
    const { stdout } = await patchbay(['prices'], {
      'GET /api/prices': { prices: [known, unknown] },
    })
    expect(stdout).toBe(`MODEL              INPUT  OUTPUT  SOURCE
openai/gpt-5-mini  0.25   2       openai/gpt-5-mini in a list
lab/x                             unknown: name one under prices in patchbay.yaml
`)
  })

  it('are all there is to know of one model', async () => {
    const { stdout } = await patchbay(['prices', 'openai/gpt-5-mini'], {
      'GET /api/prices?model=openai%2Fgpt-5-mini': { prices: [known] },
    })
    expect(stdout).toBe(`openai/gpt-5-mini
  openai/gpt-5-mini in a list
  price_0123456789abcdef
                          US DOLLARS
input                     0.25
output                    2
each web_search_requests  0.01
above 1000 tokens: input  0.5
flex: input               0.125
`)
  })
})

async function update(
  text: string,
  ...more: readonly string[]
): Promise<Outcome & { readonly dataDir: string }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'patchbay-prices-'))
  await writeFile(join(dataDir, 'list.json'), text)
  const argv = ['prices', 'update', '--from', 'list.json', '--json', ...more]
  const outcome = await run(argv, { cwd: dataDir, env: { XDG_DATA_HOME: dataDir } })
  return { ...outcome, dataDir }
}

describe('prices update', () => {
  const list = JSON.stringify([
    {
      id: 'openai',
      api_pattern: '.*',
      models: [
        {
          id: 'm',
          match: { equals: 'm' },
          prices: { input_mtok: 1, output_mtok: 2, base_url: 'x' },
        },
      ],
    },
  ])

  it('keeps models and prices of a file, and nothing else of it [P006]', async () => {
    const outcome = await update(list)
    expect(jsonOf(outcome)).toMatchObject({ models: 1, skipped: 0 })
    expect(await readFile(join(outcome.dataDir, 'patchbay', 'prices.json'), 'utf8')).toBe(
      '[{"id":"openai","models":[{"id":"m","match":{"equals":"m"},"prices":{"input_mtok":1,"output_mtok":2}}]}]\n',
    )
  })

  it('takes only the list that was meant, where its digest is given', async () => {
    const digest = createHash('sha256').update(list).digest('hex')
    expect((await update(list, '--sha256', digest)).code).toBe(0)
    const other = await update(list, '--sha256', '0'.repeat(64))
    expect(other.code).toBe(1)
    await expect(readFile(join(other.dataDir, 'patchbay', 'prices.json'))).rejects.toThrow('ENOENT')
  })

  it('leaves everything as it was where the list is none', async () => {
    const outcome = await update(list.replace('"input_mtok":1', '"input_mtok":-1'))
    expect(outcome.code).not.toBe(0)
    expect(outcome.stderr).toContain('Nothing of it is used')
    await expect(readFile(join(outcome.dataDir, 'patchbay', 'prices.json'))).rejects.toThrow(
      'ENOENT',
    )
  })

  it.each([
    ['http://prices.example/data.json', 'must be https'],
    ['https://user:pw@prices.example/data.json', 'user name or password'],
    ['https://prices.example:8443/data.json', 'must not name a port'],
    ['ftp://prices.example/data.json', 'must start with https'],
    ['https://127.0.0.1/data.json', 'refused'],
    ['https://169.254.169.254/latest', 'refused'],
  ])('asks nobody at %s', async (from, why) => {
    const dataDir = await mkdtemp(join(tmpdir(), 'patchbay-prices-'))
    const env = { XDG_DATA_HOME: dataDir }
    const { code, stderr } = await run(['prices', 'update', '--from', from], { cwd: dataDir, env })
    expect(code).not.toBe(0)
    expect(stderr).toContain(why)
  })
})
