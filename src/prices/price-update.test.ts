// A newer list: what is taken of it, and that nothing else ever is.
import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../canonical/errors.ts'
import type { ModelPrice } from '../usage/price.ts'
import { keepNewerList, readNewerList } from './newer-list.ts'
import { priceList } from './price-list.ts'
import { readPriceUpdate } from './price-update.ts'

const OPENAI = 'https://api.openai.com/v1'
const NOW = Date.UTC(2026, 10, 1)

function listOf(model: object, more: object = {}): string {
  return JSON.stringify([{ id: 'openai', models: [model], ...more }])
}

const TOMORROW = {
  id: 'gpt-of-tomorrow',
  match: { or: [{ equals: 'gpt-of-tomorrow' }, { starts_with: 'gpt-of-tomorrow-' }] },
  prices: {
    input_mtok: { base: 1, tiers: [{ start: 1000, price: 2 }] },
    output_mtok: 4,
    web_searches_kcount: 10,
  },
}

async function priceIn(
  text: string,
  model: string,
  vendorUrl = OPENAI,
): Promise<ModelPrice | undefined> {
  const newer = { ...readPriceUpdate(text), name: 'newer' }
  return priceList(() => NOW, newer).priceOf({ provider: 'p', model, free: false, vendorUrl })
}

function refusal(text: string): GatewayError | undefined {
  try {
    readPriceUpdate(text)
    return undefined
  } catch (thrown) {
    if (thrown instanceof GatewayError) return thrown
    throw thrown
  }
}

describe('a newer list', () => {
  it('goes before the one that comes along, which stays for what it does not know', async () => {
    const text = listOf(TOMORROW)
    expect(await priceIn(text, 'gpt-of-tomorrow-2027')).toMatchObject({
      name: 'openai/gpt-of-tomorrow',
      source: 'newer',
      rates: { input: 1e9, output: 4e9 },
      tiers: [{ above: 1000, rates: { input: 2e9, output: 4e9 } }],
      tools: { web_search_requests: 10_000_000 },
      services: { flex: { rates: { input: 5e8, output: 2e9 } } },
    })
    expect((await priceIn(text, 'gpt-5-mini'))?.rates.input).toBe(250_000_000)
  })

  it('takes prices from a date on', async () => {
    const prices = [
      { prices: { input_mtok: 1, output_mtok: 1 } },
      { constraint: { start_date: '2026-10-01' }, prices: { input_mtok: 2, output_mtok: 2 } },
    ]
    const price = await priceIn(listOf({ ...TOMORROW, prices }), 'gpt-of-tomorrow')
    expect(price?.rates).toEqual({ input: 2e9, output: 2e9 })
  })

  it('says nothing of where a vendor is, and of nobody else, whatever it holds [P006]', async () => {
    const text = listOf(TOMORROW, {
      api_pattern: '.*',
      base_url: 'https://evil.example',
      provider_match: { contains: '' },
      fallback_model_providers: ['anthropic'],
    })
    expect(await priceIn(text, 'gpt-of-tomorrow', 'https://gpu.example/v1')).toBeUndefined()
    expect(JSON.stringify([...readPriceUpdate(text).vendors])).not.toMatch(/evil|pattern|base_url/)
  })

  it.each([
    ['a price below 0', listOf({ ...TOMORROW, prices: { input_mtok: -1, output_mtok: 1 } })],
    ['a price beyond numbers', listOf(TOMORROW).replace('"output_mtok":4', '"output_mtok":1e999')],
    ['a price in words', listOf({ ...TOMORROW, prices: { input_mtok: '1' } })],
    ['a price of a million and one', listOf({ ...TOMORROW, prices: { input_mtok: 1_000_001 } })],
    ['__proto__', listOf(TOMORROW).replace('"id"', '"__proto__":{"origin":"free"},"id"')],
    ['constructor', listOf(TOMORROW, { constructor: { prototype: {} } })],
    ['no list at all', '{"openai":{}}'],
    ['an empty list', '[]'],
    ['no JSON', 'input: 1'],
    ['a match of another kind', listOf({ ...TOMORROW, match: { script: 'x' } })],
  ])('is refused whole for %s [P006]', (_, text) => {
    expect(refusal(text)).toMatchObject({ kind: 'invalid_request', code: 'invalid_price_list' })
    expect(refusal(text)?.message).toMatch(/Nothing of it is used\.$/)
  })

  it('leaves out models that are told by a pattern, and counts them', () => {
    const pattern = { ...TOMORROW, match: { or: [{ regex: '(a+)+$' }] } }
    const read = readPriceUpdate(JSON.stringify([{ id: 'openai', models: [pattern, TOMORROW] }]))
    expect(read).toMatchObject({ models: 1, skipped: 1 })
  })
})

describe('the file of a newer list', () => {
  it('is read as it was put there, and named by its digest', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'patchbay-prices-'))
    expect(await readNewerList({ dataDir })).toBeUndefined()
    const path = await keepNewerList({ dataDir }, readPriceUpdate(listOf(TOMORROW)))
    expect(path).toBe(join(dataDir, 'prices.json'))
    const newer = await readNewerList({ dataDir })
    expect(newer?.name).toMatch(/^prices\.json \(sha256 [0-9a-f]{12}\)$/)
    expect(newer?.vendors.get('openai')).toEqual([TOMORROW])
  })

  it('must be there where it is named, and must be a list', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'patchbay-prices-'))
    const pricesFile = join(dataDir, 'mine.json')
    await expect(readNewerList({ dataDir, pricesFile })).rejects.toThrow(
      /mine\.json.*cannot be read/,
    )
    await writeFile(pricesFile, '[{"id":"openai"}]')
    await expect(readNewerList({ dataDir, pricesFile })).rejects.toThrow(/patchbay prices update/)
    expect(await readFile(pricesFile, 'utf8')).toBe('[{"id":"openai"}]')
  })
})
