// Trying a connection out over the API: one word for an answer, never before its time, so often a minute.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FakeUpstream, openUpstream } from '../../../test/fake-upstream.ts'
import { type OpenGateway, openGateway } from '../../../test/open-gateway.ts'
import type { After } from '../message.ts'

let opened: OpenGateway
let upstream: FakeUpstream
let now = 1_000_000
let waited: number[]

/** What is to run later runs at once, and is written down. */
const after: After = (milliseconds, run) => {
  waited.push(milliseconds)
  if (milliseconds === 1500) queueMicrotask(run)
  return () => undefined
}

beforeEach(async () => {
  waited = []
  upstream = await openUpstream()
  const port = Number(new URL(upstream.url).port)
  opened = await openGateway({
    after,
    now: () => now,
    config: { egress: { allow: [{ scheme: 'http', host: '127.0.0.1', port }], testsPerMinute: 4 } },
  })
})
afterEach(async () => {
  await opened.close()
  await upstream.close()
})

async function tried(body: object = {}, key = opened.adminToken): Promise<Response> {
  return fetch(`${opened.url}/api/providers/test`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
    body: JSON.stringify({
      provider_type: 'custom',
      name: 'lab',
      base_url: `${upstream.url}/v1`,
      api_key: 'sk-tried-out',
      ...body,
    }),
  })
}

describe('a connection that is tried out', () => {
  it('is asked for its list of models, and told of in one word', async () => {
    upstream.reply({ chunks: ['{"data":[{"id":"m"}]}'] })
    upstream.reply({ status: 401, chunks: ['{"error":{"message":"bad key in vault 7"}}'] })
    upstream.reply({ status: 500, chunks: ['SSH-2.0-OpenSSH_9.2'] })
    const answers: unknown[] = []
    for (const _ of [1, 2, 3]) answers.push(await (await tried()).json())
    expect(answers).toEqual([{ result: 'ok' }, { result: 'auth' }, { result: 'unreachable' }])
    expect(upstream.requests.map(({ method, path }) => [method, path])).toEqual(
      [1, 2, 3].map(() => ['GET', '/v1/models']),
    )
    expect(opened.gateway.manager.listProviders()).toEqual([])
  })

  it('is answered no sooner, whatever is there', async () => {
    upstream.reply({ chunks: ['{"data":[]}'] })
    await tried()
    await tried({ base_url: 'http://10.0.0.1:22/v1' })
    expect(waited.filter((milliseconds) => milliseconds === 1500)).toHaveLength(2)
  })

  it('is refused as its registration would be', async () => {
    const answer = await tried({ base_url: 'http://10.0.0.1:22/v1' })
    expect(answer.status).toBe(422)
    expect(await answer.text()).toContain('address_forbidden')
  })

  it('may be so but so often a minute, good or not', async () => {
    for (const _ of [1, 2, 3, 4]) await tried({ base_url: 'http://10.0.0.1:22/v1' })
    const late = await tried()
    expect([late.status, late.headers.get('retry-after')]).toEqual([429, '60'])
    now += 60_000
    upstream.reply({ chunks: ['{"data":[]}'] })
    expect((await tried()).status).toBe(200)
  })

  it('is for the admin alone', async () => {
    expect((await tried({}, opened.clientKey)).status).toBe(403)
    expect(upstream.connections).toBe(0)
  })
})
