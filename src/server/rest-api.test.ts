// The gateway's own API over HTTP: administration, and chat in plain words.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { messages } from '../../test/chat-protocols.ts'
import { CANARY_KEY } from '../../test/server-fakes.ts'
import { StaffedGateway, errorOf } from '../../test/staffed-gateway.ts'
import { parseJson } from '../wire/json.ts'

const staffed = new StaffedGateway()
const { ask } = staffed

beforeAll(async () => staffed.start())
afterAll(async () => staffed.close())

describe('the REST API', () => {
  it.each([
    ['GET', '/api/providers'],
    ['GET', '/api/status'],
    ['POST', '/api/providers/register'],
    ['POST', '/api/providers/home/default'],
    ['DELETE', '/api/providers/home'],
  ])('%s %s needs the admin token', async (method, path) => {
    for (const [key, status] of [
      [undefined, 401],
      ['none', 401],
      [staffed.open.clientKey, 403],
      ['pba_wrong', 401],
    ] as const) {
      const answer = await ask(path, { method, ...(key === undefined ? {} : { key }) })
      expect([path, key, answer.status]).toEqual([path, key, status])
      expect(errorOf(answer)).toMatchObject({ request_id: expect.stringMatching(/^req_/) })
    }
    expect(staffed.open.gateway.manager.defaultName).toBe('home')
  })

  it('lists providers without their keys', async () => {
    const { json } = await ask('/api/providers', { key: staffed.open.adminToken })
    expect(json['default']).toBe('home')
    expect(json['providers']).toContainEqual({
      name: 'cloud',
      provider_type: 'fake',
      locality: 'cloud',
      enabled: true,
      is_default: false,
      source: 'code',
      has_key: true,
      models: ['large', 'shared', 'org/deep:1b'],
      default_model: 'large',
    })
  })

  it('lists the models of one provider to whom it is open', async () => {
    const { json } = await ask('/api/providers/home/models')
    expect(json).toEqual({ provider: 'home', models: [{ id: 'tiny' }, { id: 'shared' }] })
    expect((await ask('/api/providers/cloud/models')).status).toBe(401)
    expect((await ask('/api/providers/cloud/models', { key: staffed.open.clientKey })).status).toBe(
      200,
    )
    expect((await ask('/api/providers/off/models')).status).toBe(403)
    expect((await ask('/api/providers/down/models')).status).toBe(502)
    const unknown = await ask('/api/providers/nobody/models')
    expect(unknown.status).toBe(404)
  })

  it('lists all models; what cannot be asked is empty and spoils nothing', async () => {
    const { json } = await ask('/api/providers/models', { key: staffed.open.clientKey })
    expect(json['providers']).toMatchObject({ home: [{ id: 'tiny' }, { id: 'shared' }], down: [] })
  })

  it('checks the health of all, with the reason where it is bad', async () => {
    const { json } = await ask('/api/providers/health')
    expect(json['providers']).toMatchObject({
      home: { healthy: true },
      down: { healthy: false, reason: expect.any(String) },
    })
    expect(json['providers']).not.toHaveProperty('cloud')
  })

  it('shows its status', async () => {
    const { status, json } = await ask('/api/status', { key: staffed.open.adminToken })
    expect(status).toBe(200)
    expect(json).toMatchObject({
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      default_provider: 'home',
      selected_model: null,
    })
    expect(JSON.stringify(json['providers'])).toContain('"in_flight":')
  })

  it('registers, chooses and removes a provider', async () => {
    const key = staffed.open.adminToken
    const registered = await ask('/api/providers/register', {
      key,
      body: {
        provider_type: 'custom',
        name: 'extra',
        base_url: 'https://models.example/v1',
        api_key: CANARY_KEY,
        models: ['m'],
        persist: false,
      },
    })
    expect(registered.status).toBe(201)
    expect(registered.json['provider']).toMatchObject({ name: 'extra', has_key: true })
    const again = await ask('/api/providers/register', {
      key,
      body: { provider_type: 'custom', name: 'extra', base_url: 'https://models.example/v1' },
    })
    expect(again.status).toBe(409)
    const chosen = await ask('/api/providers/extra/default', { key, method: 'POST' })
    expect(chosen.json).toEqual({ default: 'extra' })
    await ask('/api/providers/home/default', { key, method: 'POST' })
    const removed = await ask('/api/providers/extra', { key, method: 'DELETE' })
    expect(removed.json).toEqual({ removed: 'extra', default: 'home' })
    const gone = await ask('/api/providers/extra', { key, method: 'DELETE' })
    expect(gone.status).toBe(404)
    expect(errorOf(gone)['message']).toContain('home, cloud')
  })

  it('takes the fields of a registration in the URL too, but never a key', async () => {
    const key = staffed.open.adminToken
    const path =
      '/api/providers/register?provider_type=custom&name=url&base_url=https://models.example/v1&timeout=5'
    const registered = await ask(path, { key, method: 'POST' })
    expect(registered.json['provider']).toMatchObject({ name: 'url', timeout: 5, has_key: false })
    await ask('/api/providers/url', { key, method: 'DELETE' })
    const refused = await ask(`${path}&api_key=${CANARY_KEY}`, { key, method: 'POST' })
    expect(refused.status).toBe(400)
    expect(errorOf(refused)['message']).toContain('written to logs')
  })

  it.each([
    [{ provider_type: 'custmo', name: 'x' }, 'provider_type', /custom/],
    [{ provider_type: 'custom', name: 'x', base_ulr: 'y' }, 'base_ulr', /"base_url"/],
    [{ provider_type: 'custom', name: 'x', timeout: 'long' }, 'timeout', /timeout/],
    [{ name: 'x' }, 'provider_type', /provider_type/],
  ])('refuses the registration %j at %s', async (body, param, pattern) => {
    const answer = await ask('/api/providers/register', { key: staffed.open.adminToken, body })
    expect(answer.status).toBe(400)
    expect(errorOf(answer)).toMatchObject({
      kind: 'invalid_request',
      param,
      message: expect.stringMatching(pattern),
    })
  })

  it('lets nobody point a provider at a private address over the network', async () => {
    const answer = await ask('/api/providers/register', {
      key: staffed.open.adminToken,
      body: { provider_type: 'custom', name: 'inner', base_url: 'http://169.254.169.254/v1' },
    })
    const used = await ask('/v1/chat/completions', {
      key: staffed.open.adminToken,
      body: { model: 'inner/x', messages },
    })
    expect(answer.status === 201 ? used.status : answer.status).toBeGreaterThanOrEqual(400)
    await ask('/api/providers/inner', { key: staffed.open.adminToken, method: 'DELETE' })
  })
})

describe('chat in plain words', () => {
  it('gives response, model, provider, tokens and latency', async () => {
    const { json } = await ask('/api/chat/multi', { body: { message: 'ping', provider: 'home' } })
    expect(json).toEqual({
      response: 'pong',
      model: 'tiny',
      provider: 'home',
      tokens: expect.any(Number),
      latency_ms: expect.any(Number),
      finish_reason: 'stop',
    })
  })

  it('takes its keys in the URL too', async () => {
    const answer = await ask('/api/chat/multi?message=hello%20there&provider=home&model=shared', {
      method: 'POST',
    })
    expect(answer.json['response']).toBe('pong')
    expect(staffed.home.asked.at(-1)?.target.model).toBe('shared')
  })

  it('uses the default model of the default provider when nothing is said', async () => {
    const answer = await ask('/api/chat', { body: { message: 'ping', system_prompt: 'Be brief.' } })
    expect(answer.headers.get('x-patchbay-provider')).toBe('home')
    expect(staffed.home.asked.at(-1)?.request.turns.map((turn) => turn.role)).toEqual([
      'system',
      'user',
    ])
  })

  it('uses the selected model when one is selected', async () => {
    await staffed.open.gateway.llm.refreshModels()
    expect(staffed.open.gateway.llm.selectModel('home/shared')).toBe(true)
    const answer = await ask('/api/chat', { body: { message: 'ping' } })
    expect(answer.headers.get('x-patchbay-model')).toBe('shared')
    staffed.open.gateway.llm.selectModel('home/tiny')
  })

  it.each([
    [{ message: 'a', messages }, /not both/],
    [{}, /"message"/],
    [{ message: 'a', provider: 'nobody' }, /no provider called "nobody"/],
    [{ message: '' }, /message/],
    [{ messages: [{ role: 'robot', content: 'x' }] }, /role/],
    [{ messages: [] }, /messages/],
  ])('refuses %j', async (body, pattern) => {
    const answer = await ask('/api/chat/multi', { body })
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(errorOf(answer)['message']).toMatch(pattern)
  })

  it('names only the providers in reach', async () => {
    const body = { message: 'a', provider: 'nobody' }
    const anonymous = errorOf(await ask('/api/chat/multi', { body }))['message']
    expect(anonymous).not.toContain('cloud')
    const keyed = await ask('/api/chat/multi', { key: staffed.open.clientKey, body })
    expect(errorOf(keyed)['message']).toContain('cloud')
  })

  it.each(['/api/chat', '/api/chat/multi'])('streams from %s', async (path) => {
    const answer = await ask(path, { body: { message: 'ping', stream: true } })
    expect(answer.headers.get('content-type')).toContain('text/event-stream')
    const events = answer.text
      .split('\n\n')
      .filter((event) => event !== '')
      .map((event) => parseJson(event.replace(/^data: /, '')))
    expect(events[0]).toEqual({ delta: 'pong' })
    expect(events.at(-1)).toMatchObject({ done: true, response: 'pong', provider: 'home' })
  })
})

describe('after all this', () => {
  it('no answer held a key of a provider or a token of ours', () => {
    expect(staffed.seen.length).toBeGreaterThan(60)
    expect(staffed.leaks()).toEqual([])
  })
})
