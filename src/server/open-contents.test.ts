// Privacy: of no call is anything kept that was said in it, unless its key says so; then masked, for owners, and for a time.
import { createSecretKey } from 'node:crypto'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FakeUpstream, openUpstream } from '../../test/fake-upstream.ts'
import { type OpenGateway, openGateway } from '../../test/open-gateway.ts'
import { logLine } from '../cli/serve/log-line.ts'
import { REDACTIONS } from '../contents/content-policy.ts'
import { loadConfig } from '../config/load.ts'
import type { Happening } from '../exchange/happening.ts'
import { type Json, isArray, isObject, parseJson } from '../wire/json.ts'
import type { ContentRule } from '../config/schema.ts'
import { readContent } from '../store/contents/content-operations.ts'
import { openDatabase } from '../store/open-database.ts'
import { openContents } from './open-contents.ts'

const ASKED = 'canary-question-7321'
const SAID = 'canary-answer-9468'
const DAY = 86_400_000

let upstream: FakeUpstream
let dataDir: string
let facts: Happening[]
let now = Date.UTC(2026, 10, 28)

beforeEach(async () => {
  upstream = await openUpstream()
  dataDir = mkdtempSync(join(tmpdir(), 'patchbay-privacy-'))
  facts = []
})
afterEach(async () => {
  await upstream.close()
  rmSync(dataDir, { recursive: true })
})

/** With its database in a file, so that what is in it can be read as bytes. */
async function open(contents?: readonly ContentRule[]): Promise<OpenGateway> {
  return openGateway({
    dataDir,
    providers: [
      {
        providerType: 'custom',
        name: 'lab',
        apiKey: 'sk-lab',
        baseUrl: `${upstream.url}/v1`,
        models: ['m'],
      },
    ],
    config: { store: {}, ...(contents === undefined ? {} : { contents }) },
    now: () => now,
    hear: (fact) => facts.push(fact),
  })
}

function chunk(choice: Json): string {
  const data = {
    id: 'c',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [choice],
  }
  return `data: ${JSON.stringify(data)}\n\n`
}

async function chat(opened: OpenGateway, content: string, stream = false): Promise<void> {
  const whole = {
    id: 'c',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content: SAID }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
  }
  upstream.reply(
    stream
      ? {
          headers: { 'content-type': 'text/event-stream' },
          chunks: [
            chunk({ index: 0, delta: { content: SAID.slice(0, 9) } }),
            chunk({ index: 0, delta: { content: SAID.slice(9) } }),
            chunk({ index: 0, delta: {}, finish_reason: 'stop' }),
            'data: [DONE]\n\n',
          ],
        }
      : { chunks: [JSON.stringify(whole)] },
  )
  const response = await fetch(`${opened.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${opened.clientKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'lab/m', stream, messages: [{ role: 'user', content }] }),
  })
  expect(await response.text()).toContain('canary')
}

async function asked(
  opened: OpenGateway,
  path: string,
  more: { readonly method?: string; readonly key?: string } = {},
): Promise<{ readonly status: number; readonly json: Json }> {
  const { method = 'GET', key = opened.adminToken } = more
  const headers = { authorization: `Bearer ${key}` }
  const response = await fetch(`${opened.url}${path}`, { method, headers })
  return { status: response.status, json: parseJson(await response.text()) }
}

function idsIn(json: Json): readonly string[] {
  const list = isObject(json) ? json['contents'] : undefined
  return (isArray(list) ? list : []).map((one) => String(isObject(one) ? one['request_id'] : ''))
}

/** Everything in the data folder, with what the log would say. */
function kept(): string {
  const files = readdirSync(dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
  const lines = facts.flatMap((fact) => [
    logLine(fact, 'json', new Date(now)) ?? '',
    logLine(fact, 'text', new Date(now)) ?? '',
  ])
  return [...files, ...lines].join('\n')
}

describe('prompts and answers', () => {
  it('are nowhere after a call: not in the database, not in the log [L005]', async () => {
    const opened = await open()
    await chat(opened, ASKED)
    await chat(opened, ASKED, true)
    const { json } = await asked(opened, '/api/admin/contents')
    expect(idsIn(json)).toEqual([])
    await opened.close()
    expect(kept().length).toBeGreaterThan(1000)
    expect(kept()).not.toMatch(/canary-(?:question|answer)/)
  })

  const policy = { retentionDays: 2, redact: REDACTIONS, words: ['falcon'] }

  it('are kept for a key that says so, masked, whole or streamed, for owners alone', async () => {
    const opened = await open([
      { of: 'none', policy },
      { of: '*', policy },
    ])
    await chat(opened, `${ASKED} jane@mail.example 4111 1111 1111 1111 sk-abcdefghijklmnop Falcon`)
    await chat(opened, ASKED, true)
    await expect
      .poll(async () => idsIn((await asked(opened, '/api/admin/contents')).json).length)
      .toBe(2)
    const ids = idsIn((await asked(opened, '/api/admin/contents')).json)
    const contents = await Promise.all(
      ids.map(async (id) => (await asked(opened, `/api/admin/contents/${id}`)).json),
    )
    const first = contents.find((one) => JSON.stringify(one).includes('redacted'))
    expect(first).toMatchObject({
      provider: 'lab',
      model: 'm',
      time: '2026-11-28T00:00:00.000Z',
      expires: '2026-11-30T00:00:00.000Z',
      request: [{ role: 'user', text: `${ASKED} ${Array(4).fill('[redacted]').join(' ')}` }],
      answer: SAID,
    })
    expect(contents.every((one) => isObject(one) && one['answer'] === SAID)).toBe(true)
    for (const path of ['/api/admin/contents', `/api/admin/contents/${ids[0]}`]) {
      expect((await asked(opened, path, { key: opened.clientKey })).status).toBe(403)
    }
    await opened.close()
    expect(kept()).not.toMatch(/jane@|4111|sk-abcdefgh|[Ff]alcon/)
  })

  it('go when their time is over, and before it where an owner says so', async () => {
    const opened = await open([{ of: '*', policy }])
    await chat(opened, ASKED)
    await chat(opened, ASKED)
    const ids = async (): Promise<readonly string[]> =>
      idsIn((await asked(opened, '/api/admin/contents')).json)
    await expect.poll(async () => (await ids()).length).toBe(2)
    const [one = ''] = await ids()
    const path = `/api/admin/contents/${one}`
    expect((await asked(opened, path, { method: 'DELETE' })).status).toBe(200)
    expect((await asked(opened, path)).status).toBe(404)
    expect(await ids()).toHaveLength(1)
    now += 2 * DAY
    expect(await ids()).toEqual([])
    await opened.close()
    const later = await open()
    await later.close()
    now -= 2 * DAY
    const earlier = await open()
    expect(idsIn((await asked(earlier, '/api/admin/contents')).json)).toEqual([])
    await earlier.close()
  })
})

it('are sealed where there is a key, so that the database alone shows nothing', async () => {
  const database = await openDatabase({
    url: 'memory:',
    file: '',
    durability: 'strict',
    now: () => 1,
  })
  const secret = createSecretKey(Buffer.alloc(32, 7))
  const policy = { retentionDays: 1, redact: [], words: [] }
  const opened = openContents({
    database,
    inForce: { config: await loadConfig({ env: { PATCHBAY_HOME: dataDir }, cwd: dataDir }) },
    now: () => 5,
    after: () => () => undefined,
    ofKey: (caller) => (caller === 'k1' ? policy : undefined),
    keyOf: () => ({ generation: 1, secret }),
  })
  const origin = { dialect: 'test' }
  const parts = [{ type: 'text', text: SAID } as const]
  await opened.middleware(async () => ({
    kind: 'whole',
    notes: [],
    response: { origin, model: 'm', candidates: [{ index: 0, parts }] },
  }))({
    operation: 'chat',
    id: 'c1',
    caller: 'k1',
    request: {
      origin,
      model: 'm',
      turns: [{ role: 'user', parts: [{ type: 'text', text: ASKED }] }],
      sampling: {},
      stream: { enabled: false },
    },
    target: { provider: 'p', model: 'm' },
    policy: 'default',
    signal: new AbortController().signal,
  })
  await opened.close()
  const stored = await database.run(readContent, { callId: 'c1', now: 6 })
  expect(JSON.stringify(stored)).not.toContain('canary')
  expect(opened.cipher.open('c1/answer', stored?.answer ?? '')).toBe(SAID)
  await database.close()
})
