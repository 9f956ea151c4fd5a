// Registration over the API: on loopback the admin is the operator of the machine, behind a proxy or on a network not.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FakeUpstream, openUpstream } from '../../../test/fake-upstream.ts'
import { type OpenGateway, openGateway } from '../../../test/open-gateway.ts'
import { completion } from '../../../test/openai-replies.ts'

const lab = (baseUrl: string): object => ({
  provider_type: 'custom',
  name: 'lab',
  base_url: baseUrl,
  models: ['m'],
})

describe('a registration of a private address over the API', () => {
  let opened: OpenGateway
  let upstream: FakeUpstream
  beforeEach(async () => {
    upstream = await openUpstream()
    opened = await openGateway()
  })
  afterEach(async () => {
    await opened.close()
    await upstream[Symbol.asyncDispose]()
  })

  async function post(path: string, body: object, headers: object = {}): Promise<Response> {
    return fetch(`${opened.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${opened.adminToken}`, ...headers },
      body: JSON.stringify(body),
    })
  }

  it('is taken from this machine, and the provider answers', async () => {
    upstream.reply(completion('pong'))
    expect((await post('/api/providers/register', lab(`${upstream.url}/v1`))).status).toBe(201)
    const answer = await post('/api/chat/multi', { message: 'ping', provider: 'lab', model: 'm' })
    expect(await answer.json()).toMatchObject({ response: 'pong', provider: 'lab' })
  })

  it('is refused when a proxy forwards it', async () => {
    const forwarded = { 'x-forwarded-for': '203.0.113.9' }
    const answer = await post('/api/providers/register', lab(`${upstream.url}/v1`), forwarded)
    expect(answer.status).toBe(400)
    expect(await answer.text()).toContain('https')
  })

  it('never leads to the addresses where clouds keep their secrets', async () => {
    await post('/api/providers/register', lab('http://169.254.169.254/v1'))
    const asked = await post('/api/chat/multi', { message: 'ping', provider: 'lab', model: 'm' })
    expect(asked.status).toBe(403)
  })

  it('never leads back to Patchbay itself', async () => {
    await post('/api/providers/register', lab(`${opened.url}/v1`))
    const answer = await post('/api/chat/multi', { message: 'ping', provider: 'lab', model: 'm' })
    expect(answer.ok).toBe(false)
    expect(await answer.json()).toMatchObject({
      error: { message: expect.stringMatching(/itself/i) },
    })
  })
})
