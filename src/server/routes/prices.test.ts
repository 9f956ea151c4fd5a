// GET /api/prices: what models cost and who says so, for whoever may use them; and a newer list, from a reload on.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type OpenGateway, openGateway } from '../../../test/open-gateway.ts'
import { BUNDLED } from '../../prices/price-list.ts'
import { type Json, isArray, isObject, parseJson } from '../../wire/json.ts'

let dataDir: string
let opened: OpenGateway

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'patchbay-prices-'))
  opened = await openGateway({
    dataDir,
    providers: [
      {
        providerType: 'openai',
        name: 'work',
        apiKey: 'sk-work',
        models: ['gpt-5-mini', 'gpt-next'],
      },
      {
        providerType: 'custom',
        name: 'box',
        baseUrl: 'http://127.0.0.1:9/v1',
        models: ['tiny'],
        settings: { local: true },
      },
    ],
    config: { prices: { 'work/gpt-5-nano': { input: 1, output: 2, request: 0.5 } } },
  })
})
afterAll(async () => {
  await opened.close()
  rmSync(dataDir, { recursive: true })
})

async function prices(query = '', key = opened.clientKey): Promise<readonly Json[]> {
  const headers: Record<string, string> = key === '' ? {} : { authorization: `Bearer ${key}` }
  const response = await fetch(`${opened.url}/api/prices${query}`, { headers })
  const answer = parseJson(await response.text())
  const list = isObject(answer) ? answer['prices'] : undefined
  return isArray(list) ? list : [answer]
}

it('has every model that is listed, and says of each who says so', async () => {
  const [mini, next, tiny] = await prices()
  expect(mini).toMatchObject({
    model: 'work/gpt-5-mini',
    source: 'list',
    name: 'openai/gpt-5-mini',
    list: BUNDLED,
    per_million: { input: 0.25, cache_read: 0.025, output: 2 },
    per_tool_call: { web_search_requests: 0.01 },
    services: { flex: { per_million: { input: 0.125, cache_read: 0.0125, output: 1 } } },
  })
  expect(next).toEqual({ model: 'work/gpt-next', source: 'unknown' })
  expect(tiny).toMatchObject({ model: 'box/tiny', source: 'free', per_million: { input: 0 } })
})

it('has one model by the name that requests give it', async () => {
  expect(await prices('?model=work/gpt-5-nano')).toEqual([
    {
      model: 'work/gpt-5-nano',
      source: 'config',
      version: expect.stringMatching(/^price_[0-9a-f]{16}$/),
      per_million: { input: 1, output: 2 },
      per_request: 0.5,
    },
  ])
  expect(await prices('?model=nothing-like-it')).toEqual([
    expect.objectContaining({ error: expect.objectContaining({ kind: 'not_found' }) }),
  ])
})

it('shows nobody what they may not use', async () => {
  const models = (await prices('', '')).map((one) => isObject(one) && one['model'])
  expect(models).toEqual(['box/tiny'])
})

it('takes a newer list from a reload on, and stays with the one before where it is wrong', async () => {
  const model = { id: 'gpt-next', match: { equals: 'gpt-next' } }
  const list = (input: number): string =>
    JSON.stringify([
      { id: 'openai', models: [{ ...model, prices: { input_mtok: input, output_mtok: 9 } }] },
    ])
  writeFileSync(join(dataDir, 'prices.json'), list(3))
  await opened.gateway.reload()
  const [next] = await prices('?model=work/gpt-next')
  expect(next).toMatchObject({
    source: 'list',
    list: expect.stringMatching(/^prices\.json \(sha256 /),
    per_million: { input: 3, output: 9 },
  })
  writeFileSync(join(dataDir, 'prices.json'), list(-3))
  await expect(opened.gateway.reload()).rejects.toThrow('Nothing of it is used')
  expect(await prices('?model=work/gpt-next')).toEqual([next])
})
