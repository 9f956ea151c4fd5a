// The whole server over HTTP with providers that only pretend: every protocol, what a wrong request gets, what leaks.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { messages, protocols } from '../../test/chat-protocols.ts'
import { CANARY_KEY } from '../../test/server-fakes.ts'
import { MAX_BODY, StaffedGateway } from '../../test/staffed-gateway.ts'

const staffed = new StaffedGateway()
const { ask } = staffed

beforeAll(async () => staffed.start())
afterAll(async () => staffed.close())

describe.each(protocols)('$name', ({ path, body, textOf, messageOf }) => {
  it('answers, and says who answered and under which id', async () => {
    const answer = await ask(path('home/tiny'), { body: body('home/tiny') })
    expect(answer.status).toBe(200)
    expect(textOf(answer)).toContain('pong')
    expect(answer.headers.get('x-patchbay-provider')).toBe('home')
    expect(answer.headers.get('x-patchbay-model')).toBe('tiny')
    expect(answer.headers.get('x-request-id')).toMatch(/^req_[0-9a-f]{24}$/)
    for (const name of ['x-patchbay-request-id', 'request-id']) {
      expect(answer.headers.get(name)).toBe(answer.headers.get('x-request-id'))
    }
  })

  it.each([
    ['mine', 'home', 'tiny'],
    ['fast', 'cloud', 'large'],
    ['large', 'cloud', 'large'],
    ['shared', 'home', 'shared'],
    ['cloud', 'cloud', 'large'],
    ['cloud/org/deep:1b', 'cloud', 'org/deep:1b'],
    ['tiny:latest', 'home', 'tiny'],
  ])('finds %s for a holder of the client key', async (name, provider, model) => {
    const answer = await ask(path(name), { key: staffed.open.clientKey, body: body(name) })
    expect(answer.headers.get('x-patchbay-provider')).toBe(provider)
    expect(answer.headers.get('x-patchbay-model')).toBe(model)
  })

  it.each([
    ['nobody', undefined, 'cloud/large', 401],
    ['nobody', undefined, 'fast', 401],
    ['nobody', undefined, 'large', 401],
    ['nobody', undefined, 'home/tiny', 200],
    ['a dummy', 'none', 'home/tiny', 200],
    ['a dummy', 'sk-anything', 'cloud/large', 401],
    ['a wrong key', 'pb_live_wrong', 'home/tiny', 401],
    ['a wrong key', 'pba_wrong', 'cloud/large', 401],
  ])('gives %s (%s) for %s a %i', async (...[, key, model, status]) => {
    const answer = await ask(path(model), {
      ...(key === undefined ? {} : { key }),
      body: body(model),
    })
    expect(answer.status).toBe(status)
    if (status === 200) return
    expect(messageOf(answer)).toMatch(/key/)
    expect(answer.headers.get('www-authenticate')).toContain('Bearer')
  })

  it('A004 answers no chat of an admin token, and asks nobody for it', async () => {
    const answer = await ask(path('cloud/large'), {
      key: staffed.open.adminToken,
      body: body('cloud/large'),
    })
    expect(answer.status).toBe(401)
    expect(answer.headers.get('x-patchbay-error')).toBe('client_key_needed')
    expect(answer.headers.get('x-patchbay-attempts')).toBeNull()
  })

  it.each([
    ['not JSON', '{"model": ', 400, /JSON/],
    ['no body', '', 400, /./],
    ['a list', '[]', 400, /./],
    ['a number', '7', 400, /./],
    ['deep nesting', '['.repeat(100_000), 400, /nested deeper/],
    ['invalid UTF-8', Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d), 400, /UTF-8/],
    ['too much', 'x'.repeat(MAX_BODY + 1), 413, /larger than/],
  ])('refuses %s in its own form', async (...[, sent, status, pattern]) => {
    const answer = await ask(path('home/tiny'), { body: sent })
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toContain('application/json')
    expect(messageOf(answer)).toMatch(pattern)
    expect(answer.headers.get('x-request-id')).toMatch(/^req_/)
  })

  it('refuses wrong types', async () => {
    const names = Object.keys(body('home/tiny'))
    const wrong = Object.fromEntries(names.map((name) => [name, 7]))
    const answer = await ask(path('home/tiny'), { body: wrong })
    expect(answer.status).toBe(400)
    expect(messageOf(answer)).toMatch(new RegExp(names.join('|')))
  })

  it('suggests the nearest names for an unknown model, but only those in reach', async () => {
    const near = await ask(path('tinny'), { body: body('tinny') })
    expect(near.status).toBe(404)
    expect(messageOf(near)).toContain('"home/tiny"')
    const far = await ask(path('larg'), { body: body('larg') })
    expect(far.status).toBe(404)
    expect(messageOf(far)).not.toContain('cloud')
    const keyed = await ask(path('larg'), { key: staffed.open.clientKey, body: body('larg') })
    expect(messageOf(keyed)).toContain('"cloud/large"')
  })

  it('names a disabled provider as such', async () => {
    const answer = await ask(path('off/asleep'), { body: body('off/asleep') })
    expect(answer.status).toBe(403)
    expect(messageOf(answer)).toMatch(/"off" is disabled/)
  })

  it('passes on that a provider is down', async () => {
    const answer = await ask(path('down/gone'), { body: body('down/gone') })
    expect(answer.status).toBe(502)
    expect(messageOf(answer)).toContain('cannot be reached')
  })

  it('does not blame the client for a key of ours that is refused', async () => {
    const answer = await ask(path('shut/locked'), { body: body('shut/locked') })
    expect(answer.status).toBe(502)
    expect(answer.headers.get('x-should-retry')).toBe('false')
  })

  it('refuses an unknown policy and passes a known one on', async () => {
    const bad = await ask(path('home/tiny'), {
      headers: { 'x-patchbay-policy': 'loose' },
      body: body('home/tiny'),
    })
    expect(bad.status).toBe(400)
    expect(messageOf(bad)).toContain('lenient, default, strict')
    await ask(path('home/tiny'), {
      headers: { 'x-patchbay-policy': 'strict' },
      body: body('home/tiny'),
    })
    expect(staffed.home.asked.at(-1)?.policy).toBe('strict')
  })

  it('refuses a key in the URL and two keys at once', async () => {
    const inUrl = await ask(`${path('home/tiny')}?api_key=${CANARY_KEY}`, {
      body: body('home/tiny'),
    })
    expect(inUrl.status).toBe(400)
    expect(messageOf(inUrl)).toContain('logs')
    const two = await ask(path('home/tiny'), {
      key: staffed.open.clientKey,
      headers: { 'x-api-key': 'b' },
      body: body('home/tiny'),
    })
    expect(two.status).toBe(400)
  })

  it('refuses a compressed body', async () => {
    const answer = await ask(path('home/tiny'), {
      headers: { 'content-encoding': 'gzip' },
      body: body('home/tiny'),
    })
    expect(answer.status).toBe(415)
  })
})

describe('the key of a client', () => {
  it.each(['x-api-key', 'api-key', 'x-goog-api-key'])('may come in %s', async (name) => {
    const answer = await ask('/v1/chat/completions', {
      headers: { [name]: staffed.open.clientKey },
      body: { model: 'cloud/large', messages },
    })
    expect(answer.status).toBe(200)
  })
})

describe('after all this', () => {
  it('no answer held a key of a provider or a token of ours', () => {
    expect(staffed.seen.length).toBeGreaterThan(200)
    expect(staffed.leaks()).toEqual([])
  })
})
