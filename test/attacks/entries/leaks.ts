// What gets out by errors, logs and metrics that should not.
import assert from 'node:assert/strict'
import type { JsonObject } from '../../../src/wire/json.ts'
import { type ScriptedReply } from '../../fake-upstream.ts'
import {
  asAsked,
  completion,
  contentChunk,
  frame,
  json,
  stream,
  streamed,
} from '../../openai-replies.ts'
import type { Attack } from '../attack.ts'
import { CANARIES, assertAbsent } from '../canaries.ts'
import type { Stand } from '../stand.ts'

const KEY = CANARIES.keyByEnvironment

/** A failure that quotes the key it refuses, in all its fields. */
function quoting(text: string): JsonObject {
  const message = `Incorrect API key provided: ${text}. You can find yours at https://host.test/?key=${text}`
  return { error: { message, type: text, code: text, param: text }, detail: text }
}

/** Ways in which a provider tells a key back, whole answers and streams. */
const TELLING: readonly ScriptedReply[] = [
  ...[400, 401, 403, 404, 409, 422, 429, 500, 503].map((status) => json(quoting(KEY), status)),
  {
    status: 401,
    chunks: [`<html>key ${KEY} is wrong</html>`],
    headers: { 'content-type': 'text/html' },
  },
  { status: 502, chunks: [`Authorization: Bearer ${KEY}`] },
  { status: 200, chunks: [`{"cut": "${KEY}`] },
  { ...completion(`You asked me with ${KEY}.`), headers: { 'x-echo': KEY } },
  { ...json(quoting('it'), 500), headers: { 'x-request-id': KEY, 'retry-after': KEY } },
  { ...streamed(['half']), headers: { 'content-type': `text/event-stream; key=${KEY}` } },
  streamed(['My key is ', KEY]),
  stream([frame(quoting(KEY))]),
  stream([contentChunk('half'), frame(quoting(KEY))]),
  stream([contentChunk('half'), `data: {"broken ${KEY}\n\n`]),
  stream([contentChunk('half'), `event: error\ndata: ${JSON.stringify(quoting(KEY))}\n\n`]),
]

/** In several protocols, one of them that of the provider, so that its bytes would pass. */
async function askThrough(stand: Stand, text: string, provider = 'cloud'): Promise<void> {
  const messages = [{ role: 'user', content: text }]
  const model = `${provider}/m`
  for (const isStream of [false, true]) {
    for (const [path, body] of [
      ['/v1/chat/completions', { model, messages, stream: isStream }],
      ['/v1/messages', { model, messages, max_tokens: 50, stream: isStream }],
      ['/v1/responses', { model, input: text, stream: isStream }],
      ['/ollama/api/chat', { model, messages, stream: isStream }],
    ] as const) {
      await stand.ask(path, { key: stand.clientKey, body })
    }
  }
}

/** Marks of our own inside, which no client needs. */
const INSIDES =
  /\bat \S+ \(|\.ts:\d|node:internal|node_modules|\/src\/|file:\/\/|TypeError|RangeError|\bSELECT\b|sqlite|v24\.\d|\/tmp\//i

const MALFORMED: readonly (string | Uint8Array<ArrayBuffer>)[] = [
  '{',
  '[]',
  'null',
  '1',
  '""',
  '{"model":',
  '{"model":1}',
  '{"model":{}}',
  '{"model":"cloud/m","messages":1}',
  '{"model":"cloud/m","messages":[1]}',
  '{"model":"cloud/m","messages":[{"role":"user","content":{"a":1}}]}',
  '{"model":"cloud/m","messages":[{"role":"__proto__","content":"x"}]}',
  '{"__proto__":{"model":"x"},"constructor":{"prototype":{}}}',
  '{"model":"cloud/m","messages":[{"role":"user","content":"x"}],"max_tokens":"many","temperature":{},"tools":"x","n":-1}',
  `${'['.repeat(5000)}${']'.repeat(5000)}`,
  '{"model":"\\ud800"}',
  new Uint8Array([0xff, 0xfe, 0x00]),
  new Uint8Array(8),
]

const JSON_DOORS = [
  '/v1/chat/completions',
  '/v1/messages',
  '/v1/responses',
  '/v1beta/models/cloud%2Fm:generateContent',
  '/v1/embeddings',
  '/api/chat',
  '/api/chat/multi',
  '/api/explain',
  '/api/generate',
  '/api/show',
  '/api/embed',
  '/api/providers/register',
  '/api/providers/x/default',
  '/api/config/reload',
]

export const leakAttacks: readonly Attack[] = [
  {
    id: 'L001',
    name: 'has a provider tell its key back in an error',
    run: async (build) => {
      const stand = await build.start({
        spares: TELLING.length,
        config: ['resilience: { max_attempts: 1 }'],
      })
      for (const [at, reply] of TELLING.entries()) {
        stand.upstream.answer(() => reply)
        const before = stand.upstream.requests.length
        await askThrough(stand, 'Go on.', `spare-${at}`)
        assert.ok(stand.upstream.requests.length > before, 'the provider was not asked')
        await stand.ask(`/api/providers/spare-${at}/models`, { key: stand.adminToken })
      }
      await stand.ask('/api/providers/health', { key: stand.adminToken })
      await stand.ask('/api/status', { key: stand.adminToken })
      await stand.ask('/api/providers', { key: stand.adminToken })
    },
    weaken: [
      {
        file: 'src/vault/redact.ts',
        find: '    if (secret.length >= SHORTEST) clean',
        put: '    if (secret.length < SHORTEST) clean',
      },
      {
        file: 'src/vault/redacted-bytes.ts',
        find: 'if (needles.length === 0) return source',
        put: 'return source',
      },
    ],
  },
  {
    id: 'L002',
    name: 'puts a key into the address, where logs would keep it',
    run: async (build) => {
      const stand = await build.start()
      for (const key of [stand.clientKey, stand.adminToken, KEY]) {
        for (const path of ['/v1/models', '/v1beta/models/cloud%2Fm:generateContent']) {
          const { status } = await stand.ask(`${path}?key=${key}`)
          assert.equal(status, 400)
        }
      }
      // The key of a provider goes in a header, whatever its vendor's examples show.
      for (const { path } of stand.upstream.requests) assertAbsent('a path', path, [KEY])
    },
    weaken: [
      {
        file: 'src/server/application.ts',
        find: '      path: mark === -1 ? url : url.slice(0, mark),\n',
        put: '      path: url,\n',
      },
    ],
  },
  {
    id: 'L004',
    name: 'writes lines of its own into the log, or commands for the terminal that shows it',
    run: async (build) => {
      for (const format of ['json', 'text']) {
        const stand = await build.start({ flags: ['--log', format] })
        for (const model of [
          'a\n{"event":"request","status":200}',
          '\u001b[2J\u001b]0;x\u0007',
          '\u202emodel',
          'home/m\r\nforged',
        ]) {
          await stand.chat({ body: { model } })
          await stand.ask(`/v1/models/${encodeURIComponent(model)}`, { key: stand.clientKey })
          await stand.ask(`/nothing/${encodeURIComponent(model)}`, { key: stand.clientKey })
        }
        for (const line of (await stand.log()).split('\n').filter((line) => line !== '')) {
          assert.match(line, /^[\x20-\x7e]*$/, JSON.stringify(line))
          if (format === 'json') assert.match(line, /^\{"time":"[^"]+","event":"\w+".*\}$/)
          else assert.doesNotMatch(line, /^\{"event"|^forged/)
        }
      }
    },
    weaken: [
      {
        file: 'src/cli/serve/printable.ts',
        find: "text.replaceAll(/[^\\x20-\\x7e]/g, '?')",
        put: 'decodeURIComponent(text)',
      },
    ],
  },
  {
    id: 'L005',
    name: 'finds in the log what was asked and answered',
    run: async (build) => {
      const stand = await build.start()
      const { prompt } = CANARIES
      await askThrough(stand, prompt)
      stand.upstream.answer(() => json({ error: { message: `I cannot read ${prompt}` } }, 400))
      await askThrough(stand, prompt)
      stand.upstream.answer(({ json: asked }) => asAsked(asked, [prompt]))
      await askThrough(stand, prompt)
      for (const body of [`{"model":"cloud/m","messages":"${prompt}"}`, `{"${prompt}":`, prompt]) {
        for (const path of JSON_DOORS) await stand.ask(path, { key: stand.adminToken, body })
      }
    },
    weaken: [
      {
        file: 'src/server/application.ts',
        find: '    const body = guess ?? parseBody(bytes)\n',
        put: '    const body = guess ?? parseBody(bytes)\n    process.stderr.write(`${body?.text}\\n`)\n',
      },
    ],
  },
  {
    id: 'L006',
    name: 'makes a series of metrics for every name that it makes up',
    run: async (build) => {
      const stand = await build.start()
      stand.upstream.answer(() => json({ error: { message: 'no such model' } }, 404))
      const seriesNow = async (): Promise<number> =>
        (await stand.metrics()).split('\n').filter((line) => /^[a-z]/.test(line)).length
      await stand.chat({ body: { model: 'cloud/made-up' } })
      const before = await seriesNow()
      const names = Array.from({ length: 600 }, (_, at) => `made-up-${at}`)
      for (let at = 0; at < names.length; at += 20) {
        await Promise.all(
          names.slice(at, at + 20).map(async (name) => {
            const user = `${name}@example.test`
            await stand.chat({ body: { model: `cloud/${name}`, user, metadata: { user } } })
            await stand.ask(`/${name}`, { key: stand.clientKey, headers: { 'user-agent': name } })
          }),
        )
      }
      const text = await stand.metrics()
      assert.ok((await seriesNow()) < before + 100, `${before} series became ${await seriesNow()}`)
      assert.ok(!text.includes('made-up-'), 'a made-up name is a label')
    },
    weaken: [
      {
        file: 'src/server/metrics/target-labels.ts',
        find: 'return named ?? { provider: target.provider, model: OTHER }',
        put: 'return named ?? { provider: target.provider, model: target.model }',
      },
    ],
  },
  {
    id: 'L011',
    name: 'learns from the health of the server who its providers are',
    run: async (build) => {
      const stand = await build.server()
      for (const path of ['/livez', '/readyz']) {
        const { status, json: said, text } = await stand.ask(path)
        assert.equal(status, 200)
        assert.deepEqual(
          Object.keys(said).filter((key) => key !== 'status' && key !== 'warnings'),
          [],
        )
        assert.doesNotMatch(text, /cloud|home|filed|127\.0\.0\.1|\d\.\d/)
      }
      // What the health of each provider is, callers without a key hear of free ones alone.
      assert.doesNotMatch((await stand.ask('/api/providers/health')).text, /cloud|filed/)
    },
    weaken: [
      {
        file: 'src/server/routes/probes.ts',
        find: "jsonAnswer({ status: 'ok' })",
        put: "jsonAnswer({ status: 'ok', version: process.version })",
      },
    ],
  },
  {
    id: 'A034',
    name: 'sends everything malformed and reads in the errors how the server is made',
    run: async (build) => {
      const stand = await build.server()
      for (const body of MALFORMED) {
        for (const path of JSON_DOORS) {
          for (const key of [stand.adminToken, stand.clientKey]) {
            const { status, text, headers } = await stand.ask(path, { key, body })
            assert.notEqual(status, 500, `${path} ${String(body).slice(0, 60)}`)
            assert.doesNotMatch(text, INSIDES, path)
            assert.match(headers.get('x-patchbay-request-id') ?? '', /^req_/)
          }
        }
      }
    },
    weaken: [
      {
        file: 'src/server/client-error.ts',
        find: '`${thrown.message}.`',
        put: '`${thrown.message}. ${thrown.stack}`',
      },
    ],
  },
]
