// What every admin call goes through: ids, keys nobody knows, versions, roles, and the record of it before the answer.
import { UNBOUND } from '../../access/grant.ts'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type InboundOptions, inbound } from '../../../test/server-fakes.ts'
import type { Role } from '../../access/role.ts'
import { GatewayError } from '../../canonical/errors.ts'
import { createApplication } from '../application.ts'
import { Auth } from '../auth.ts'
import { jsonAnswer } from '../message.ts'
import { Perimeter } from '../perimeter.ts'
import { writePlainError } from '../plain-error.ts'
import type { Call, Route } from '../route.ts'
import { Router } from '../router.ts'
import { validated } from '../validate.ts'
import type { Deed, Refusal } from './governed.ts'
import { versioned } from './precondition.ts'

const body = z.strictObject({ name: z.string() })

function adminRoute(route: Pick<Route, 'method' | 'path' | 'handle'> & Partial<Route>): Route {
  return {
    access: 'admin',
    writeError: writePlainError,
    description: { summary: 'a thing', group: 'test' },
    ...route,
  }
}

interface Asked {
  readonly status: number
  readonly code: string | null
  readonly etag: string | undefined
}

function setup(): {
  readonly deeds: Deed[]
  readonly refusals: Refusal[]
  readonly calls: Call[]
  readonly ask: (role: Role, options: InboundOptions) => Promise<Asked>
} {
  const deeds: Deed[] = []
  const refusals: Refusal[] = []
  const calls: Call[] = []
  const done = async (call: Call): Promise<ReturnType<typeof jsonAnswer>> => {
    calls.push(call)
    return jsonAnswer({ done: true })
  }
  const routes = [
    adminRoute({ method: 'GET', path: '/api/admin/things', handle: done }),
    adminRoute({
      method: 'GET',
      path: '/api/admin/things/:id',
      handle: async () => versioned({ thing: {} }, 3),
    }),
    adminRoute({ method: 'DELETE', path: '/api/admin/things/:id', role: 'operator', handle: done }),
    adminRoute({
      method: 'POST',
      path: '/api/admin/things',
      description: { summary: 'make', group: 'test', request: body },
      handle: async (call) => {
        validated(body, call.body)
        return done(call)
      },
    }),
    adminRoute({
      method: 'PATCH',
      path: '/api/admin/things/:id',
      precondition: 'required',
      role: 'operator',
      description: { summary: 'change', group: 'test', request: body },
      handle: async (call) => {
        calls.push(call)
        if (call.expected !== 'any' && call.expected !== 3) {
          throw new GatewayError('conflict', 'It has changed.', { code: 'version_conflict' })
        }
        return versioned({ done: true }, 4)
      },
    }),
  ]
  let recorded = 0
  const application = createApplication({
    router: new Router(routes),
    perimeter: new Perimeter({ host: '127.0.0.1', allowedHosts: [], allowedOrigins: [] }),
    auth: new Auth({
      anonymous: 'off',
      recognise: async (key) => ({ kind: 'admin', id: 'one', role: roleIn(key), grant: UNBOUND }),
    }),
    maxBodyBytes: 1000,
    now: () => 0,
    newId: () => 'req_1',
    errorWriterOf: () => writePlainError,
    record: {
      deed: async (deed) => {
        recorded += 1
        if (deed.call.headers['x-broken'] !== undefined) {
          throw new GatewayError('overloaded', 'The log is full.', { code: 'audit_failed' })
        }
        deeds.push(deed)
      },
      refusal: async (refusal) => void refusals.push(refusal),
    },
  })
  const ask = async (role: Role, options: InboundOptions): Promise<Asked> => {
    const before = recorded
    const { headers = {} } = options
    const answer = await application(
      inbound({ ...options, headers: { ...headers, authorization: `Bearer pba_${role}` } }),
    )
    expect(recorded - before).toBeLessThanOrEqual(1)
    const {
      status,
      headers: { etag, 'x-patchbay-error': code = null },
    } = answer
    return { status, code, etag }
  }
  return { deeds, refusals, calls, ask }
}

function roleIn(key: string): Role {
  if (key === 'pba_viewer') return 'viewer'
  return key === 'pba_operator' ? 'operator' : 'owner'
}

describe('an admin call', () => {
  it.each([
    ['viewer', 'GET', 200],
    ['viewer', 'DELETE', 403],
    ['viewer', 'POST', 403],
    ['operator', 'GET', 200],
    ['operator', 'DELETE', 200],
    ['operator', 'POST', 403],
    ['owner', 'DELETE', 200],
    ['owner', 'POST', 200],
  ] as const)('by a %s with %s is answered with %i', async (role, method, status) => {
    const { ask } = setup()
    const url = method === 'DELETE' ? '/api/admin/things/a' : '/api/admin/things'
    const answer = await ask(role, {
      method,
      url,
      ...(method === 'POST' ? { body: '{"name":"a"}' } : {}),
    })
    expect(answer.status).toBe(status)
    if (status === 403) expect(answer.code).toBe('role_too_low')
  })

  it.each(['..%2f..%2fetc%2fpasswd', 'a%00b', '..%2fx', '%20', 'a'.repeat(200)])(
    'with the id %s is refused',
    async (id) => {
      const { ask, calls } = setup()
      const answer = await ask('owner', { method: 'DELETE', url: `/api/admin/things/${id}` })
      expect(answer).toMatchObject({
        status: 400,
        code: expect.stringMatching(/^(?:invalid_id|bad_path)$/),
      })
      expect(calls).toEqual([])
    },
  )

  it('with keys that nobody asked for is refused: in the body, in the URL, or with a body at all', async () => {
    const { ask, calls } = setup()
    for (const options of [
      { method: 'POST', url: '/api/admin/things', body: '{"name":"a","role":"owner"}' },
      { method: 'POST', url: '/api/admin/things', body: '{"name":"a","__proto__":{"x":1}}' },
      { method: 'POST', url: '/api/admin/things?role=owner', body: '{"name":"a"}' },
      { method: 'GET', url: '/api/admin/things?limt=5' },
      { method: 'DELETE', url: '/api/admin/things/a', body: '{"force":true}' },
    ]) {
      const answer = await ask('owner', options)
      expect([options, answer.status]).toEqual([options, 400])
    }
    expect(calls).toEqual([])
  })

  it('shows the version of what it shows, and changes only the version that it names', async () => {
    const { ask } = setup()
    const change = async (headers: Record<string, string>): Promise<Asked> =>
      ask('owner', { method: 'PATCH', url: '/api/admin/things/a', headers, body: '{"name":"b"}' })
    const { etag = '' } = await ask('viewer', { url: '/api/admin/things/a' })
    expect(etag).toBe('"3"')
    expect(await change({ 'if-match': etag })).toEqual({ status: 200, code: null, etag: '"4"' })
    expect(await change({ 'if-match': '"2"' })).toMatchObject({
      status: 412,
      code: 'version_conflict',
    })
    expect(await change({})).toMatchObject({ status: 428, code: 'precondition_required' })
    expect(await change({ 'if-match': '*' })).toMatchObject({ status: 200 })
    expect(await change({ 'if-match': 'W/"3"' })).toMatchObject({
      status: 400,
      code: 'invalid_etag',
    })
  })

  it('is recorded where it was to change something, however it went', async () => {
    const { ask, deeds } = setup()
    await ask('owner', { url: '/api/admin/things' })
    await ask('owner', { method: 'DELETE', url: '/api/admin/things/a' })
    await ask('owner', { method: 'POST', url: '/api/admin/things', body: '{"name":"a","x":1}' })
    expect(deeds.map(({ route, status }) => [route.method, status])).toEqual([
      ['DELETE', 200],
      ['POST', 400],
    ])
    expect(deeds[1]?.error?.code).toBe('unknown_key')
  })

  it('that is not let in is recorded as refused', async () => {
    const { ask, deeds, refusals } = setup()
    await ask('viewer', { method: 'DELETE', url: '/api/admin/things/a' })
    expect(deeds).toEqual([])
    expect(refusals).toMatchObject([
      { id: 'req_1', route: { method: 'DELETE' }, caller: { role: 'viewer' } },
    ])
  })

  it('is not answered as done where it cannot be recorded', async () => {
    const { ask } = setup()
    const headers = { 'x-broken': '1' }
    const answer = await ask('owner', { method: 'DELETE', url: '/api/admin/things/a', headers })
    expect(answer).toMatchObject({ status: 503, code: 'audit_failed' })
  })
})
