// GET /api/usage and its export, over a gateway whose calls are recorded: who may see what, and how it reads.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FakeUpstream, openUpstream } from '../../../test/fake-upstream.ts'
import { type OpenGateway, openGateway } from '../../../test/open-gateway.ts'
import { Trail } from '../../exchange/trail.ts'
import type { Settlement } from '../../ledger/ledger.ts'
import { settleAttempt } from '../../store/ledger/attempt-operations.ts'
import { openDatabase } from '../../store/open-database.ts'
import { type Json, isArray, isObject, parseJson, tryParseJson } from '../../wire/json.ts'
import { csvLine } from './usage-csv.ts'
import { usageRoutes } from './usage.ts'

let upstream: FakeUpstream
let opened: OpenGateway
const NOW = Date.UTC(2026, 10, 28, 12)

beforeAll(async () => {
  upstream = await openUpstream()
  const provider = {
    providerType: 'custom',
    name: 'lab',
    apiKey: 'sk-lab',
    baseUrl: `${upstream.url}/v1`,
    models: ['m', '=cmd'],
  }
  const prices = { 'lab/m': { input: 1, output: 2 } }
  opened = await openGateway({ providers: [provider], config: { prices }, now: () => NOW })
  for (const model of ['m', 'm', '=cmd']) {
    upstream.reply({
      chunks: [
        JSON.stringify({
          id: 'c',
          object: 'chat.completion',
          created: 1,
          model,
          choices: [
            { index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' },
          ],
          usage: { prompt_tokens: 1000, completion_tokens: 500, total_tokens: 1500 },
        }),
      ],
    })
    await fetch(`${opened.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${opened.clientKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: `lab/${model}`, messages: [{ role: 'user', content: 'go' }] }),
    }).then((response) => response.text())
  }
})

afterAll(async () => {
  await opened.close()
  await upstream.close()
})

function settlement(attemptId: string): Settlement {
  return {
    attemptId,
    callId: attemptId,
    operation: 'chat',
    provider: 'p',
    model: 'm',
    at: 1000,
    endedAt: 1005,
    reserveNano: 0,
    budgets: [],
    tokens: {},
    source: 'provider',
    status: 'succeeded',
    latencyMs: 5,
  }
}

async function asked(path: string, key: string = opened.adminToken): Promise<Response> {
  const headers: Record<string, string> = key === '' ? {} : { authorization: `Bearer ${key}` }
  return fetch(`${opened.url}${path}`, { headers })
}

async function json(path: string, key?: string): Promise<Json> {
  return parseJson(await (await asked(path, key)).text())
}

function at(value: Json | undefined, ...path: readonly (string | number)[]): Json | undefined {
  return path.reduce<Json | undefined>((inner, key) => {
    if (isArray(inner)) return inner[Number(key)]
    return isObject(inner) ? inner[key] : undefined
  }, value)
}

describe('GET /api/usage', () => {
  it('sums up by day and model, money as decimals', async () => {
    expect(await json('/api/usage?group_by=day,model&from=2026-11-01&to=2026-12-01')).toEqual({
      from: '2026-11-01T00:00:00.000Z',
      to: '2026-12-01T00:00:00.000Z',
      group_by: ['day', 'model'],
      groups: [
        {
          day: '2026-11-28T00:00:00.000Z',
          model: 'lab/=cmd',
          requests: 1,
          attempts: 1,
          errors: 0,
          unpriced: 1,
          tokens: { input: 1000, cache_read: 0, cache_write: 0, output: 500, reasoning: 0 },
          cost_usd: '0',
          estimated_usd: '0',
        },
        {
          day: '2026-11-28T00:00:00.000Z',
          model: 'lab/m',
          requests: 2,
          attempts: 2,
          errors: 0,
          unpriced: 0,
          tokens: { input: 2000, cache_read: 0, cache_write: 0, output: 1000, reasoning: 0 },
          cost_usd: '0.004',
          estimated_usd: '0',
        },
      ],
      totals: {
        requests: 3,
        attempts: 3,
        errors: 0,
        unpriced: 1,
        tokens: { input: 3000, cache_read: 0, cache_write: 0, output: 1500, reasoning: 0 },
        cost_usd: '0.004',
        estimated_usd: '0',
      },
      next: null,
    })
  })

  it('goes on where the page before ended', async () => {
    const first = await json('/api/usage?group_by=model&limit=1')
    expect(at(first, 'groups', 0, 'model')).toBe('lab/=cmd')
    const next = String(at(first, 'next'))
    const second = await json(`/api/usage?group_by=model&limit=1&after=${next}`)
    expect(at(second, 'groups', 0, 'model')).toBe('lab/m')
    expect(at(second, 'next')).toBeNull()
    const wrong = await asked(`/api/usage?group_by=model,day&after=${next}`)
    expect(wrong.status).toBe(400)
  })

  it.each([
    ['group_by=day,model,key,team', 'group_by'],
    ['group_by=colour', 'group_by'],
    ['group_by=tag:', 'group_by'],
    ['group_by=day,day', 'group_by'],
    ['from=yesterday', 'from'],
    ['from=2026-11-28&to=2026-11-01', 'from'],
    ['group_by=month&from=1999-01-01', 'from'],
    ['tag=project', 'tag'],
    ['limit=0', 'limit'],
    ['limit=1e309', 'limit'],
    ['colour=red', 'colour'],
  ])('refuses %s, and says what', async (query, param) => {
    const response = await asked(`/api/usage?${query}`)
    expect(response.status).toBe(400)
    expect(at(tryParseJson(await response.text()), 'error', 'param')).toBe(param)
  })
})

describe('who sees usage [L012]', () => {
  it('is its own key, and no other, whether or not there is one', async () => {
    expect(at(await json('/api/usage', opened.clientKey), 'totals', 'requests')).toBe(3)
    const own = opened.clientKey.split('_')[2] ?? ''
    expect((await asked(`/api/usage?key_id=${own}`, opened.clientKey)).status).toBe(200)
    const strangers = await Promise.all(
      ['AAAAAAAAAAAA', opened.adminToken.split('_')[1] ?? ''].map(async (key) => {
        const response = await asked(`/api/usage?key_id=${key}`, opened.clientKey)
        return [response.status, (await response.text()).replaceAll(/req_\w+/g, '')]
      }),
    )
    expect(strangers[0]?.[0]).toBe(404)
    expect(strangers[0]).toEqual(strangers[1])
    expect((await asked('/api/usage/export?key_id=other', opened.clientKey)).status).toBe(404)
  })

  it('is nobody without a key, though it may chat', async () => {
    expect((await asked('/api/usage', '')).status).toBe(401)
    expect((await asked('/api/usage/export', '')).status).toBe(401)
  })

  it('is the admin for every key', async () => {
    const own = opened.clientKey.split('_')[2] ?? ''
    expect(at(await json('/api/usage?group_by=key'), 'groups', 0, 'key')).toBe(own)
    expect(at(await json('/api/usage?key_id=AAAAAAAAAAAA'), 'totals', 'requests')).toBe(0)
  })
})

describe('GET /api/usage/export', () => {
  it('is a table by RFC 4180 in which nothing runs as a formula', async () => {
    const response = await asked('/api/usage/export')
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present')
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="usage.csv"')
    const lines = (await response.text()).split('\r\n')
    expect(lines[0]).toMatch(/^time,request_id,attempt_id,kind,.*,cost_usd,latency_ms,tags$/)
    expect(lines).toHaveLength(5)
    expect(lines.filter((line) => line.includes(",lab,'=cmd,"))).toHaveLength(1)
    expect(lines.filter((line) => line.includes(',lab,m,succeeded,'))).toHaveLength(2)
  })

  it('is JSON, or JSON line by line, of the same', async () => {
    const whole = await json('/api/usage/export?format=json')
    const lines = (await (await asked('/api/usage/export?format=ndjson')).text()).trim().split('\n')
    expect(lines.map((line) => parseJson(line))).toEqual(whole)
    const costs = isArray(whole) ? whole.map((one) => at(one, 'cost_usd')) : []
    expect(costs.filter((cost) => cost === '0.002')).toHaveLength(2)
    expect(await json('/api/usage/export?format=json&model=none/x')).toEqual([])
  })

  it('goes on over many pages, each entry once', async () => {
    const database = await openDatabase({
      url: 'memory:',
      file: '',
      durability: 'strict',
      now: () => 1,
    })
    const ids = Array.from({ length: 1001 }, (_, id) => `a${id}`)
    for (const attemptId of ids) await database.run(settleAttempt, settlement(attemptId))
    const [, exporting] = usageRoutes({ database, now: () => 5000 })
    const outbound = await exporting?.handle({
      id: 'req_1',
      method: 'GET',
      path: '/api/usage/export',
      params: {},
      query: new URLSearchParams({ format: 'ndjson' }),
      headers: {},
      body: undefined,
      caller: { kind: 'admin', keyId: 'a', role: 'viewer' },
      openTrail: () => new Trail(),
      signal: new AbortController().signal,
    })
    let text = ''
    for await (const piece of outbound?.body ?? []) text += String(piece)
    const seen = text
      .trim()
      .split('\n')
      .map((line) => at(parseJson(line), 'attempt_id'))
    expect(new Set(seen)).toEqual(new Set(ids))
    expect(seen).toHaveLength(1001)
    await database.close()
  })
})

describe('a cell', () => {
  it.each([
    ['plain', 'plain'],
    ['a,b', '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ['two\nlines', '"two\nlines"'],
    ['=1+1', "'=1+1"],
    ['+1+1', "'+1+1"],
    ['-1+1', "'-1+1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['＝1+1', "'＝1+1"],
    ['-0.5', '-0.5'],
    ['=HYPERLINK("http://x","y")', `"'=HYPERLINK(""http://x"",""y"")"`],
  ])('%j is written as %j', (cell, text) => {
    expect(csvLine([cell])).toBe(`${text}\r\n`)
  })

  it('is empty where nothing is known', () => {
    expect(csvLine([undefined, null, 0, { project: 'x' }])).toBe(',,0,"{""project"":""x""}"\r\n')
  })
})
