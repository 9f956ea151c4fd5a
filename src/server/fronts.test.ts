// Every path of every protocol over HTTP, and the lists of models there.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { messages } from '../../test/chat-protocols.ts'
import { CANARY_KEY } from '../../test/server-fakes.ts'
import { type Answer, StaffedGateway, errorOf } from '../../test/staffed-gateway.ts'
import { dialects } from '../dialects/registry.ts'
import { isObject } from '../wire/json.ts'

const staffed = new StaffedGateway()
const { ask } = staffed

beforeAll(async () => staffed.start())
afterAll(async () => staffed.close())

describe('the fronts', () => {
  // One body for all: each protocol finds what it needs, and loses the rest.
  const body = {
    model: 'home/tiny',
    messages,
    prompt: 'ping',
    input: 'ping',
    contents: [{ parts: [{ text: 'ping' }] }],
    max_tokens: 5,
    stream: false,
  }

  it.each(dialects)('of $id are served under $prefix too', async ({ prefix, endpoints }) => {
    for (const endpoint of endpoints) {
      const path = `${prefix}${endpoint.path.replace(':model', 'home%2Ftiny')}`
      const answer = await ask(path, {
        method: endpoint.method,
        headers: { 'x-patchbay-policy': 'lenient' },
        ...(endpoint.method === 'POST' ? { body } : {}),
      })
      const status = endpoint.operation === 'unserved' ? 501 : 200
      expect([path, answer.status]).toEqual([path, status])
    }
  })

  it('tell protocols on one path apart by their headers', async () => {
    const first = await ask('/v1/models')
    expect(first.json['object']).toBe('list')
    const second = await ask('/v1/models', { headers: { 'anthropic-version': '2023-06-01' } })
    expect(second.json).toHaveProperty('has_more')
    for (const name of ['x-goog-api-key', 'x-goog-api-client']) {
      const third = await ask('/v1/models', { headers: { [name]: 'none' } })
      expect(third.json).toHaveProperty('models')
    }
  })

  it('answer a wrong path under a prefix in its protocol', async () => {
    expect((await ask('/ollama/nothing')).json['error']).toMatch(/nothing at/)
    expect((await ask('/anthropic/nothing')).json['type']).toBe('error')
    expect(errorOf(await ask('/gemini/nothing'))['status']).toBe('NOT_FOUND')
    expect((await ask('/mistral/nothing')).json['object']).toBe('error')
  })

  it('tell in the form of their protocol that a place below theirs is not there', async () => {
    for (const method of ['GET', 'DELETE']) {
      for (const path of ['/v1/responses/resp_1', '/v1/responses/resp_1/input_items']) {
        const answer = await ask(path, { method })
        expect([method, path, answer.status]).toEqual([
          method,
          path,
          method === 'DELETE' && path.endsWith('items') ? 405 : 404,
        ])
        expect(errorOf(answer)).toMatchObject({ type: 'invalid_request_error' })
      }
    }
    const batches = await ask('/v1/messages/batches')
    expect(batches).toMatchObject({ status: 404, json: { type: 'error' } })
  })

  it('refuse a key in the URL, as old clients of Gemini send it, with the reason', async () => {
    const path = `/v1beta/models/home/tiny:generateContent?key=${CANARY_KEY}`
    const answer = await ask(path, { body })
    expect(answer.status).toBe(400)
    expect(errorOf(answer)).toMatchObject({ code: 400, status: 'INVALID_ARGUMENT' })
    expect(errorOf(answer)['message']).toMatch(/URL holds a key.*header/)
  })

  it('take both spellings of a base path, and doubled slashes', async () => {
    for (const path of [
      '/v1/v1/messages',
      '//v1//messages',
      '/v1/messages/',
      '/v1/messages?beta=true',
    ]) {
      const answer = await ask(path, { body: { model: 'home/tiny', messages, max_tokens: 5 } })
      expect([path, answer.status]).toEqual([path, 200])
    }
  })
})

function ids({ json }: Answer): readonly unknown[] {
  const { data } = json
  return Array.isArray(data) ? data.map((entry) => (isObject(entry) ? entry['id'] : '')) : []
}

describe('model lists', () => {
  it('show everything in reach as provider/model, then the aliases', async () => {
    const anonymous = ids(await ask('/v1/models'))
    expect(anonymous).toEqual(['home/tiny', 'home/shared', 'shut/locked', 'mine'])
    const keyed = ids(await ask('/v1/models', { key: staffed.open.clientKey }))
    expect(keyed).toContain('cloud/org/deep:1b')
    expect(keyed.slice(-2)).toEqual(['fast', 'mine'])
    expect(keyed).not.toContain('off/asleep')
    expect(keyed).not.toContain('down/gone')
  })

  it.each(['/v1/models/home%2Ftiny', '/v1/models/home/tiny', '/openai/v1/models/home%2Ftiny'])(
    'describe one model at %s',
    async (path) => {
      const answer = await ask(path)
      expect(answer.status).toBe(200)
      expect(answer.json['id']).toBe('home/tiny')
    },
  )

  it('describe a model by its bare name and by an alias', async () => {
    expect((await ask('/v1/models/tiny')).json['id']).toBe('home/tiny')
    expect((await ask('/v1/models/mine')).json['id']).toBe('mine')
  })

  it('know what is not there, and what is not for everybody', async () => {
    expect((await ask('/v1/models/home%2Fnone')).status).toBe(404)
    expect((await ask('/v1/models/tinny')).status).toBe(404)
    expect((await ask('/v1/models/cloud%2Flarge')).status).toBe(401)
  })

  it('answer HEAD without a body', async () => {
    const answer = await ask('/v1/models', { method: 'HEAD' })
    expect(answer.status).toBe(200)
    expect(answer.text).toBe('')
  })
})

describe('paths and methods', () => {
  it('that are not there: 404', async () => {
    const answer = await ask('/nowhere')
    expect(answer.status).toBe(404)
    expect(errorOf(answer)).toMatchObject({ code: 'unknown_path' })
  })

  it('that do not fit: 405 with those that do', async () => {
    const answer = await ask('/v1/chat/completions')
    expect(answer.status).toBe(405)
    expect(answer.headers.get('allow')).toBe('POST')
    expect((await ask('/api/providers', { method: 'DELETE' })).status).toBe(405)
  })

  it('show what there is at the root, to people and to programs', async () => {
    const page = await ask('/', { headers: { accept: 'text/html' } })
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(page.text).toContain('/v1/chat/completions')
    expect((await ask('/')).text).toMatch(/^Patchbay .* is running/)
    expect((await ask('/', { method: 'HEAD' })).status).toBe(200)
  })

  it('answer with headers that keep browsers honest', async () => {
    const { headers } = await ask('/v1/models')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('access-control-allow-origin')).toBeNull()
  })
})

describe('after all this', () => {
  it('no answer held a key of a provider or a token of ours', () => {
    expect(staffed.seen.length).toBeGreaterThan(60)
    expect(staffed.leaks()).toEqual([])
  })
})
