// A working day of a server: every protocol, every kind of answer and failure, every door, with a secret in each place that takes one.
import { CANARIES } from './canaries.ts'
import { asAsked, completion, contentChunk, frame, json, stream } from '../openai-replies.ts'
import type { ScriptedReply } from '../fake-upstream.ts'
import { adminDoors } from './doors.ts'
import type { Stand } from './stand.ts'

const { keyByEnvironment, keyInFile, keyByApi, prompt, answer } = CANARIES

/** What goes wrong at a provider, by its class. Each quotes the key that it was asked with. */
const FAILURES: readonly ScriptedReply[] = [
  ...[400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 529].map((status) =>
    json(
      { error: { message: `No: ${keyByEnvironment} ${prompt}`, code: keyByEnvironment } },
      status,
    ),
  ),
  { status: 302, headers: { location: `https://evil.test/?k=${keyByEnvironment}` } },
  { chunks: ['{"half":'] },
  { chunks: [`<html>${keyByEnvironment}</html>`], headers: { 'content-type': 'text/html' } },
  { ending: 'cut', chunks: ['{'] },
  { ending: 'reset' },
  stream([contentChunk(answer)], 'cut'),
  stream([contentChunk(answer)], 'reset'),
  stream([contentChunk(answer), frame({ error: { message: keyByEnvironment } })]),
  stream([contentChunk(answer), `data: {${keyByEnvironment}\n\n`]),
  stream([]),
  completion(answer),
]

/** As many providers are needed: one that has failed is left alone for a while. */
export const SPARES: number = FAILURES.length

/** What can be asked in the protocols, of one provider. */
async function askEverything(stand: Stand, provider: string): Promise<void> {
  const model = `${provider}/m`
  const key = stand.clientKey
  const messages = [
    { role: 'system', content: prompt },
    { role: 'user', content: prompt },
  ]
  const contents = [{ role: 'user', parts: [{ text: prompt }] }]
  for (const isStream of [false, true]) {
    const verb = isStream ? 'streamGenerateContent?alt=sse' : 'generateContent'
    const gemini = `/v1beta/models/${encodeURIComponent(model)}:${verb}`
    const turn = [{ role: 'user', content: prompt }]
    for (const [path, body] of [
      ['/v1/chat/completions', { model, messages, stream: isStream }],
      ['/v1/messages', { model, messages: turn, system: prompt, max_tokens: 9, stream: isStream }],
      ['/v1/responses', { model, input: prompt, instructions: prompt, stream: isStream }],
      ['/mistral/v1/chat/completions', { model, messages, stream: isStream }],
      ['/ollama/api/chat', { model, messages, stream: isStream }],
      [gemini, { contents }],
      ['/api/chat', { message: prompt, provider, stream: isStream }],
    ] as const) {
      await stand.ask(path, { key, body })
    }
  }
  await stand.ask('/v1/embeddings', { key, body: { model, input: prompt } })
  await stand.ask('/v1/messages/count_tokens', { key, body: { model, messages: [] } })
  await stand.ask('/api/explain', {
    key,
    body: { dialect: 'openai-chat', request: { model, messages } },
  })
}

async function askMalformed(stand: Stand): Promise<void> {
  const bodies = [
    `{"${prompt}`,
    `"${prompt}"`,
    `{"model":"${prompt}","messages":"${prompt}"}`,
    prompt,
  ]
  for (const { path, method } of await adminDoors(stand)) {
    // What a stop or a reload does is looked at elsewhere; the events never end.
    if (path === '/api/events') continue
    await stand.ask(path, { method, key: stand.adminToken })
    if (method === 'GET' || method === 'DELETE') continue
    for (const body of bodies) await stand.ask(path, { method, key: stand.adminToken, body })
  }
  for (const path of [
    '/v1/chat/completions',
    '/v1/messages',
    '/v1/responses',
    '/ollama/api/chat',
  ]) {
    for (const body of bodies) await stand.ask(path, { key: stand.clientKey, body })
    await stand.ask(`${path}?key=${stand.clientKey}`, { body: {} })
    await stand.ask(path, { key: `${stand.clientKey}x`, body: {} })
  }
}

/** All of it, one after the other. */
export async function workADay(stand: Stand): Promise<void> {
  const admin = { key: stand.adminToken }
  await stand.ask('/api/providers/register', {
    ...admin,
    body: {
      name: 'registered',
      provider_type: 'custom',
      base_url: `${stand.upstream.url}/v1`,
      api_key: keyByApi,
      models: ['m'],
    },
  })
  stand.upstream.answer(({ json: asked }) => asAsked(asked, [answer]))
  for (const provider of ['cloud', 'home', 'filed', 'registered', 'nobody']) {
    await askEverything(stand, provider)
  }
  const again = { 'idempotency-key': 'once', 'x-patchbay-cache': 'ttl=60' }
  for (let time = 0; time < 2; time += 1) {
    const body = { messages: [{ role: 'user', content: prompt }] }
    await stand.chat({ headers: again, body })
  }
  for (const [at, failure] of FAILURES.entries()) {
    stand.upstream.answer(() => failure)
    await askEverything(stand, `spare-${at}`)
  }
  for (const [provider, key] of [
    ['filed', keyInFile],
    ['registered', keyByApi],
  ] as const) {
    stand.upstream.answer(() => json({ error: { message: key, type: key, code: key } }, 422))
    await askEverything(stand, provider)
  }
  await askMalformed(stand)
  for (const path of ['/openapi.json', '/', '/readyz', '/metrics', '/api/status']) {
    await stand.ask(path, admin)
  }
}
