// Who would have more than is paid for: by many calls at once, by leaving early, by ways that nobody counts, by amounts that are none.
import assert from 'node:assert/strict'
import { type JsonObject, ObjectReader } from '../../../src/wire/json.ts'
import { completion, contentChunk, stream } from '../../openai-replies.ts'
import { RawClient, post } from '../../raw-client.ts'
import type { Attack } from '../attack.ts'
import type { Stand } from '../stand.ts'

/** Each call of these models costs a cent, whatever it reads and writes. */
const PRICES =
  'prices: { cloud/m: { input: 0, output: 0, request: 0.01 }, home/m: { input: 0, output: 0, request: 0.01 } }'

function budgetOf(cents: number): readonly string[] {
  const usd = `"${(cents / 100).toFixed(2)}"`
  return [PRICES, `budgets: { rules: [{ scope: key, usd: ${usd}, period: total }] }`]
}

const MESSAGES = [{ role: 'user', content: 'Go.' }]

/** Every way to a model. */
const WAYS: readonly (readonly [string, JsonObject])[] = [
  ['/v1/chat/completions', { model: 'cloud/m', messages: MESSAGES }],
  ['/v1/chat/completions', { model: 'cloud/m', messages: MESSAGES, stream: true }],
  ['/v1/messages', { model: 'cloud/m', messages: MESSAGES, max_tokens: 9 }],
  ['/v1/responses', { model: 'cloud/m', input: 'Go.' }],
  ['/v1/responses', { model: 'cloud/m', input: 'Go.', background: true }],
  ['/mistral/v1/chat/completions', { model: 'cloud/m', messages: MESSAGES }],
  ['/ollama/api/chat', { model: 'cloud/m', messages: MESSAGES }],
  ['/api/generate', { model: 'cloud/m', prompt: 'Go.' }],
  ['/v1beta/models/cloud%2Fm:generateContent', { contents: [{ parts: [{ text: 'Go.' }] }] }],
  ['/v1/embeddings', { model: 'cloud/m', input: 'Go.' }],
  ['/api/embed', { model: 'cloud/m', input: 'Go.' }],
  ['/api/embeddings', { model: 'cloud/m', prompt: 'Go.' }],
  ['/api/chat', { message: 'Go.', provider: 'cloud', model: 'm' }],
  ['/api/chat/multi', { message: 'Go.', models: ['cloud/m', 'cloud/m'] }],
]

/** Ways that there are elsewhere, and not here. */
const ELSEWHERE = [
  '/v1/audio/speech',
  '/v1/audio/transcriptions',
  '/v1/images/generations',
  '/v1/batches',
  '/v1/files',
  '/v1/fine_tuning/jobs',
  '/v1/assistants',
  '/v1/threads',
  '/v1/moderations',
  '/v1/messages/batches',
  '/openai/v1/organization/api_keys',
  '/passthrough/cloud/v1/chat/completions',
]

function asked(stand: Stand): number {
  return stand.upstream.requests.filter(({ method }) => method === 'POST').length
}

const NUMBERS = ['-1', '0.5', '1e309', '"10"', '-1000000000']

export const moneyAttacks: readonly Attack[] = [
  {
    id: 'K010',
    name: 'asks at once what a budget allows three times',
    run: async (build) => {
      const stand = await build.start({ config: budgetOf(3) })
      const answers = await Promise.all(Array.from({ length: 40 }, async () => stand.chat()))
      const statuses = answers.map(({ status }) => status)
      assert.equal(statuses.filter((status) => status === 200).length, 3)
      assert.equal(statuses.filter((status) => status === 402).length, 37)
      assert.equal(asked(stand), 3)
    },
    weaken: [
      {
        file: 'src/store/ledger/budget-rows.ts',
        find: "${hard ? 'WHERE budgets.spent_nano + budgets.reserved_nano + excluded.reserved_nano <= excluded.limit_nano' : ''}",
        put: "${hard ? 'WHERE budgets.spent_nano + excluded.reserved_nano <= excluded.limit_nano' : ''}",
      },
      {
        file: 'src/store/ledger/budget-page.ts',
        find: '    if (hard && spentNano + reservedNano + nano > limitNano) return undefined\n',
        put: '    if (hard && spentNano + nano > limitNano) return undefined\n',
      },
    ],
  },
  {
    id: 'K012',
    name: 'leaves each stream before it is counted',
    run: async (build) => {
      const stand = await build.start({ config: budgetOf(3) })
      stand.upstream.answer(() => stream([contentChunk('half')], 'stall'))
      for (let time = 0; time < 3; time += 1) {
        const body = { model: 'cloud/m', stream: true, messages: MESSAGES }
        const key = [`Authorization: Bearer ${stand.clientKey}`]
        const client = RawClient.at(stand.url).send(post('/v1/chat/completions', body, key))
        await client.until(/half/)
        client.socket.destroy()
        await client.closed
      }
      stand.upstream.answer(() => completion('pong'))
      const { status, text } = await stand.chat()
      assert.equal(status, 402, text)
      assert.equal(asked(stand), 3)
    },
    weaken: [
      {
        file: 'src/ledger/settlement.ts',
        find: '  const nanoUsd = costOf(used, price)?.nanoUsd ?? unknownCost(opening)\n',
        put: "  const nanoUsd = outcome.kind === 'succeeded' ? (costOf(used, price)?.nanoUsd ?? unknownCost(opening)) : 0\n",
      },
    ],
  },
  {
    id: 'K014',
    name: 'asks for less than nothing, or for more than there is',
    run: async (build) => {
      const stand = await build.start({ config: budgetOf(1000) })
      const key = stand.clientKey
      const messages = JSON.stringify(MESSAGES)
      for (const number of NUMBERS) {
        for (const [path, body] of [
          [
            '/v1/chat/completions',
            `"model":"cloud/m","messages":${messages},"max_tokens":${number}`,
          ],
          ['/v1/chat/completions', `"model":"cloud/m","messages":${messages},"n":${number}`],
          ['/v1/messages', `"model":"cloud/m","messages":${messages},"max_tokens":${number}`],
          ['/v1/responses', `"model":"cloud/m","input":"x","max_output_tokens":${number}`],
        ] as const) {
          const { status } = await stand.ask(path, { key, body: `{${body}}` })
          assert.equal(status, 400, `${path} ${body}`)
        }
        const usd = `{"scope":"installation","period":"day","usd":${number === '0.5' ? '0.0000000001' : number === '"10"' ? '"ten"' : number}}`
        const budget = await stand.ask('/api/admin/budgets/mine', {
          key: stand.adminToken,
          method: 'PUT',
          body: usd,
        })
        assert.equal(budget.status, 400, usd)
      }
      assert.equal(asked(stand), 0)
    },
    weaken: [
      {
        file: 'src/usage/sound-amounts.ts',
        find: 'return Number.isSafeInteger(value) && value >= least',
        put: 'return value === value && least >= 0',
      },
    ],
  },
  {
    id: 'K015',
    name: 'takes a way to a model that nobody counts',
    run: async (build) => {
      const stand = await build.start({ config: budgetOf(0) })
      for (const [path, body] of WAYS) {
        const { status, text } = await stand.ask(path, { key: stand.clientKey, body })
        const isRefused = status >= 400 || /budget_exceeded/.test(text)
        assert.ok(isRefused, `${path}: ${status} ${text}`)
      }
      for (const path of ELSEWHERE) {
        const { status } = await stand.ask(path, {
          key: stand.clientKey,
          body: { model: 'cloud/m' },
        })
        assert.ok([404, 405].includes(status), `${path}: ${status}`)
      }
      assert.equal(asked(stand), 0)
    },
    weaken: [
      {
        file: 'src/ledger/metered.ts',
        find: "    if (exchange.operation === 'count-tokens') return next(exchange)\n",
        put: "    if (exchange.operation !== 'chat') return next(exchange)\n",
      },
    ],
  },
  {
    id: 'L012',
    name: 'learns from usage which keys there are, and what they use',
    run: async (build) => {
      const stand = await build.server()
      const [own, other] = [await stand.makeKey(), await stand.makeKey()]
      for (const { secret } of [own, other, other]) {
        assert.equal((await stand.chat({ key: secret })).status, 200)
      }
      const about = async (id: string): Promise<string> => {
        const { status, text } = await stand.ask(`/api/usage?key_id=${id}`, { key: own.secret })
        return `${status} ${text.replaceAll(/req_\w+/g, 'REQ').replaceAll(id, 'ID')}`
      }
      const unknown = await about('AAAAAAAAAAAA')
      assert.match(unknown, /^404 /)
      assert.equal(await about(other.id), unknown)
      const { json: said } = await stand.ask('/api/usage', { key: own.secret })
      assert.equal(ObjectReader.of(said, 'usage').object('totals').number('requests'), 1)
    },
    weaken: [
      {
        file: 'src/server/routes/usage-asked.ts',
        find: "  const own = caller.kind === 'client' ? caller.keyId : undefined\n",
        put: "  const own = caller.kind === 'client' && key === undefined ? caller.keyId : undefined\n",
      },
    ],
  },
]
