// The pages of who looks after a server, at a real one: who may read them, and what can never stand in them.
import { afterEach, describe, expect, it } from 'vitest'
import { type OpenGateway, type GatewaySetup, openGateway } from '../../test/open-gateway.ts'
import { GatewayError } from '../canonical/errors.ts'
import { ScriptedProvider } from '../providers/scripted-provider.ts'

let server: OpenGateway | undefined

afterEach(async () => {
  await server?.close()
  server = undefined
})

const down = new GatewayError('upstream', 'canary-upstream', { origin: 'upstream', code: 'x' })

async function opened(config: GatewaySetup['config'] = {}): Promise<OpenGateway> {
  const providers = [
    new ScriptedProvider({ name: 'house', settings: { local: true }, replies: ['canary-answer'] }),
    new ScriptedProvider({ name: 'ruin', settings: { local: true }, replies: [down] }),
  ]
  server = await openGateway({ providers, config })
  return server
}

function get(path: string, key?: string): Promise<Response> {
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` }
  return fetch(`${server?.url}${path}`, { headers })
}

async function ask(model: string): Promise<number> {
  const response = await fetch(`${server?.url}/v1/chat/completions`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${server?.clientKey}`,
    },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'canary-question' }] }),
  })
  await response.arrayBuffer()
  return response.status
}

describe('GET /metrics', () => {
  it('is for the admin alone', async () => {
    const { adminToken, clientKey } = await opened()
    expect((await get('/metrics')).status).toBe(401)
    expect((await get('/metrics', clientKey)).status).toBe(403)
    const answer = await get('/metrics', adminToken)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
  })

  it('is for everybody where the configuration says so, and nowhere where it says that', async () => {
    await opened({ metrics: { isPublic: true } })
    expect((await get('/metrics')).status).toBe(200)
    await server?.close()
    const { adminToken } = await opened({ metrics: { enabled: false } })
    expect((await get('/metrics', adminToken)).status).toBe(404)
  })

  it('counts a call all the way, and holds nothing of what was said', async () => {
    const { adminToken, clientKey } = await opened({ metrics: { isPublic: true } })
    expect(await ask('house/tiny')).toBe(200)
    expect(await ask('ruin/canary-model')).toBe(502)
    expect(await ask('nobody/canary-model')).toBe(404)
    const text = await (await get('/metrics')).text()
    for (const series of [
      'patchbay_requests_total{route="/v1/chat/completions",code="200",by="upstream"} 1',
      'patchbay_requests_total{route="/v1/chat/completions",code="502",by="upstream"} 1',
      'patchbay_calls_total{operation="chat",outcome="succeeded"} 1',
      'patchbay_calls_active 0',
      'patchbay_attempts_total{provider="house",model="tiny",outcome="answered"} 1',
      'patchbay_usage_settled_total{source="estimate"} 1',
    ]) {
      expect(text).toContain(series)
    }
    expect(text).toMatch(/upstream_errors_total\{provider="ruin",model="other",class="\w+"\} \d/)
    expect(text).not.toContain('canary')
    expect(text).not.toContain(clientKey)
    expect(text).not.toContain(adminToken)
  })

  it('has no series more for a hundred names that a client has made up', async () => {
    await opened({ metrics: { isPublic: true } })
    await ask('ruin/first')
    const before = (await (await get('/metrics')).text()).split('\n').length
    for (let count = 0; count < 100; count += 1) await ask(`ruin/invented-${count}`)
    const after = await (await get('/metrics')).text()
    expect(after).not.toContain('invented')
    expect(after.split('\n').length - before).toBeLessThan(20)
  })
})

describe('GET /api/events', () => {
  it('is for the admin alone', async () => {
    const { clientKey } = await opened()
    expect((await get('/api/events')).status).toBe(401)
    expect((await get('/api/events', clientKey)).status).toBe(403)
  })

  it('tells how a target changes, and does not hold up the stop', async () => {
    const opening = await opened()
    const { adminToken } = opening
    const { headers, body } = await get('/api/events', adminToken)
    expect(headers.get('content-type')).toContain('text/event-stream')
    if (body === null) throw new Error('no body')
    const reader = body.pipeThrough(new TextDecoderStream()).getReader()
    expect((await reader.read()).value).toMatch(/^event: listening\n/)
    const changed = reader.read()
    for (let call = 0; call < 5; call += 1) await ask('ruin/m')
    expect((await changed).value).toMatch(
      /^event: target-state-changed\ndata: \{"at":"[^"]+","provider":"ruin","model":"m","from":"closed","to":"open"/,
    )
    server = undefined
    await opening.close()
    let step = await reader.read()
    while (!step.done) step = await reader.read()
    expect(step.done).toBe(true)
  })
})
