// The order of the checks, what is logged, and that nothing a handler does gets past the door.
import { UNBOUND } from '../access/grant.ts'
import { describe, expect, it } from 'vitest'
import { type InboundOptions, inbound } from '../../test/server-fakes.ts'
import { GatewayError } from '../canonical/errors.ts'
import type { RequestAnswered } from '../exchange/facts/server.ts'
import { createApplication } from './application.ts'
import { type Access, Auth } from './auth.ts'
import type { Application, Outbound } from './message.ts'
import { Perimeter } from './perimeter.ts'
import { writePlainError } from './plain-error.ts'
import type { Call, Route } from './route.ts'
import { Router } from './router.ts'

interface Seen {
  readonly calls: Call[]
  readonly logs: RequestAnswered[]
  readonly application: Application
  readonly ask: (options: InboundOptions) => Promise<Outbound>
}

function route(path: string, access: Access, handle: Route['handle']): Route {
  return {
    method: 'POST',
    path,
    access,
    writeError: (error, id) => ({ ...writePlainError(error, id), headers: { 'x-front': path } }),
    description: { summary: path, group: 'test', anyBody: true },
    handle,
  }
}

function setup(): Seen {
  const calls: Call[] = []
  const logs: RequestAnswered[] = []
  const answer = async (call: Call): Promise<Outbound> => {
    calls.push(call)
    return { status: 200, headers: { 'content-type': 'text/plain' }, body: 'done' }
  }
  let clock = 0
  const application = createApplication({
    router: new Router([
      route('/open', 'open', answer),
      route('/client/:name', 'client', answer),
      route('/known/:name', 'known', answer),
      route('/admin', 'admin', answer),
      route('/breaks', 'open', async () => {
        throw new TypeError('canary-secret')
      }),
    ]),
    perimeter: new Perimeter({
      host: '127.0.0.1',
      allowedHosts: [],
      allowedOrigins: ['https://app.example'],
    }),
    auth: new Auth({
      anonymous: 'off',
      recognise: async (key) =>
        key === 'pba_right'
          ? { kind: 'admin', id: 'right', role: 'owner', grant: UNBOUND }
          : undefined,
    }),
    maxBodyBytes: 100,
    now: () => (clock += 5),
    newId: () => 'req_7',
    tell: (fact) => {
      if (fact.type === 'request-answered') logs.push(fact)
    },
    errorWriterOf: () => writePlainError,
  })
  return {
    calls,
    logs,
    application,
    ask: (options) => application(inbound({ method: 'POST', body: '{}', ...options })),
  }
}

const admin = { authorization: 'Bearer pba_right' }

describe('the checks', () => {
  const everythingWrong = {
    url: '/admin/../x',
    headers: {
      host: 'evil.test',
      origin: 'https://evil.test',
      upgrade: 'websocket',
      authorization: 'Bearer pba_wrong',
      'content-encoding': 'gzip',
    },
    body: 'not json',
  }

  it('come in order: host, path, upgrade, origin, route, key, body', async () => {
    const { ask, calls } = setup()
    const repairs: readonly [number, InboundOptions][] = [
      [421, {}],
      [400, { headers: { host: 'localhost' } }],
      [426, { url: '/nothing' }],
      [403, { headers: { upgrade: '' } }],
      [404, { headers: { origin: 'http://localhost' } }],
      [401, { url: '/admin' }],
      [415, { headers: admin }],
      [400, { headers: { 'content-encoding': 'identity' } }],
      [200, { body: '{"a":1}' }],
    ]
    const asked: Record<string, unknown> = everythingWrong
    const headers: Record<string, string> = everythingWrong.headers
    for (const [status, repair] of repairs) {
      Object.assign(headers, repair.headers)
      Object.assign(asked, { ...repair, headers })
      expect((await ask(asked)).status).toBe(status)
    }
    expect(calls).toHaveLength(1)
  })

  it('never read the body of a caller without a key', async () => {
    const { application } = setup()
    let reads = 0
    const unread = {
      ...inbound({ method: 'POST', url: '/admin' }),
      readBody: async () => {
        reads += 1
        return new Uint8Array()
      },
    }
    expect((await application(unread)).status).toBe(401)
    expect(reads).toBe(0)
    await application({ ...unread, url: '/open' })
    expect(reads).toBe(1)
  })

  it('answer in the words of the route once it is known', async () => {
    const { ask } = setup()
    expect((await ask({ url: '/admin' })).headers['x-front']).toBe('/admin')
    expect((await ask({ url: '/open', body: 'x' })).headers['x-front']).toBe('/open')
    expect((await ask({ url: '/nothing' })).headers['x-front']).toBeUndefined()
  })
})

describe('a handler', () => {
  it('gets the call as it is: parameters, query, body, caller', async () => {
    const { ask, calls } = setup()
    await ask({ url: '/known/a%2Fb?x=1', headers: admin, body: '{"n":1}' })
    expect(calls[0]).toMatchObject({
      id: 'req_7',
      method: 'POST',
      path: '/known/a%2Fb',
      params: { name: 'a/b' },
      body: { n: 1 },
      caller: { kind: 'admin', keyId: 'right', role: 'owner' },
    })
    expect(calls[0]?.query.get('x')).toBe('1')
  })

  it('that breaks is a 500 that keeps its reason to us', async () => {
    const { ask, logs } = setup()
    const answer = await ask({ url: '/breaks' })
    expect(answer.status).toBe(500)
    expect(JSON.stringify(answer)).not.toContain('canary-secret')
    expect(logs[0]?.error).toBeInstanceOf(GatewayError)
    expect(logs[0]?.error?.cause).toBeInstanceOf(TypeError)
  })
})

describe('the log', () => {
  it('has one line a request, without query, key or body', async () => {
    const { ask, logs } = setup()
    await ask({ url: '/open?x=canary', headers: admin, body: '{"said":"canary"}' })
    expect(logs).toEqual([
      {
        type: 'request-answered',
        id: 'req_7',
        method: 'POST',
        path: '/open',
        route: '/open',
        caller: 'right',
        status: 200,
        elapsedMs: 5,
      },
    ])
  })

  it('has the failure beside the status', async () => {
    const { ask, logs } = setup()
    await ask({ url: '/nothing' })
    expect(logs[0]).toMatchObject({ status: 404, error: { code: 'unknown_path' } })
  })
})

describe('a listed page', () => {
  const headers = { origin: 'https://app.example' }

  it('may ask beforehand, and is told the methods', async () => {
    const { ask } = setup()
    const answer = await ask({ method: 'OPTIONS', url: '/open', headers })
    expect(answer).toMatchObject({
      status: 204,
      headers: {
        'access-control-allow-methods': 'POST',
        'access-control-allow-origin': 'https://app.example',
      },
    })
  })

  it('asks in vain when it is not a page', async () => {
    const { ask } = setup()
    expect((await ask({ method: 'OPTIONS', url: '/open' })).status).toBe(405)
  })

  it('may read answers, but none of administration', async () => {
    const { ask } = setup()
    const open = await ask({ url: '/open', headers })
    expect(open.headers['access-control-allow-origin']).toBe('https://app.example')
    const governed = await ask({ url: '/admin', headers: { ...headers, ...admin } })
    expect(governed.status).toBe(200)
    expect(governed.headers['access-control-allow-origin']).toBeUndefined()
  })
})
