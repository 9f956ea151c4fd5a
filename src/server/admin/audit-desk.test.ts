// What is written down of admin calls: names, not secrets; refusals, but not without end.
import { describe, expect, it } from 'vitest'
import { CANARY_KEY, FakeTime } from '../../../test/server-fakes.ts'
import { GatewayError } from '../../canonical/errors.ts'
import { Trail } from '../../exchange/trail.ts'
import type { AuditDeed } from '../../store/audit/entry.ts'
import type { Json } from '../../wire/json.ts'
import { jsonAnswer } from '../message.ts'
import { writePlainError } from '../plain-error.ts'
import type { Call, Route } from '../route.ts'
import { AuditDesk } from './audit-desk.ts'

const route: Route = {
  method: 'POST',
  path: '/api/admin/things/:id',
  access: 'admin',
  writeError: writePlainError,
  description: { summary: 'a thing', group: 'test' },
  audit: { action: 'thing.make', shows: ['base_url', 'models'] },
  handle: async () => jsonAnswer({}),
}

function call(body: Json): Call {
  return {
    id: 'req_1',
    method: 'POST',
    path: '/api/admin/things/one',
    params: { id: 'one' },
    query: new URLSearchParams(),
    headers: {},
    body,
    caller: { kind: 'admin', keyId: 'abc', role: 'operator' },
    openTrail: () => new Trail(),
    signal: new AbortController().signal,
  }
}

const refusal = new GatewayError('permission', `Not with ${CANARY_KEY}.`, {
  origin: 'client',
  code: 'admin_token_needed',
})

function opened(): {
  readonly desk: AuditDesk
  readonly deeds: AuditDeed[]
  readonly time: FakeTime
} {
  const deeds: AuditDeed[] = []
  const time = new FakeTime()
  const log = { record: async (deed: AuditDeed): Promise<void> => void deeds.push(deed) }
  return { desk: new AuditDesk({ log, now: time.now }), deeds, time }
}

describe('a deed', () => {
  it('is told by who, what, whom and how it went, with values only of what is no secret', async () => {
    const { desk, deeds } = opened()
    const body = { api_key: CANARY_KEY, base_url: 'https://a.example', models: ['m'] }
    await desk.deed({ route, call: call(body), status: 201 })
    expect(deeds).toEqual([
      {
        actor: 'admin',
        actorId: 'abc',
        role: 'operator',
        action: 'thing.make',
        subject: 'one',
        outcome: 'done',
        status: 201,
        requestId: 'req_1',
        details: {
          fields: ['api_key', 'base_url', 'models'],
          values: { base_url: 'https://a.example', models: ['m'] },
        },
      },
    ])
  })

  it('that was refused or failed is told by the code of why, never by the words', async () => {
    const { desk, deeds } = opened()
    await desk.deed({ route, call: call({}), status: 403, error: refusal })
    const failure = new GatewayError('internal', `broke at ${CANARY_KEY}`)
    await desk.deed({ route, call: call({}), status: 500, error: failure })
    expect(deeds.map(({ outcome, details }) => [outcome, details])).toEqual([
      ['refused', { reason: 'admin_token_needed' }],
      ['failed', { reason: 'internal' }],
    ])
    expect(JSON.stringify(deeds)).not.toContain(CANARY_KEY)
  })

  it('with a body without end is told in short', async () => {
    const { desk, deeds } = opened()
    const body = { base_url: 'x'.repeat(10_000), models: Array(5000).fill('m') }
    await desk.deed({ route, call: call(body), status: 200 })
    expect(JSON.stringify(deeds).length).toBeLessThan(1000)
  })
})

describe('refusals', () => {
  it('are written down as far as they are few, then counted', async () => {
    const { desk, deeds, time } = opened()
    for (let at = 0; at < 500; at += 1)
      await desk.refusal({ id: `req_${at}`, route, error: refusal })
    expect(deeds).toHaveLength(20)
    expect(deeds[0]).toMatchObject({ actor: 'anonymous', action: 'thing.make', outcome: 'refused' })
    await time.pass(60_000)
    await desk.refusal({ id: 'req_x', route, error: refusal })
    expect(deeds.slice(20)).toMatchObject([
      { action: 'admin.refusals', details: { more: 480 } },
      { requestId: 'req_x' },
    ])
  })

  it('are counted at the end too', async () => {
    const { desk, deeds } = opened()
    for (let at = 0; at < 21; at += 1)
      await desk.refusal({ id: `req_${at}`, route, error: refusal })
    await desk.close()
    expect(deeds.at(-1)).toMatchObject({ details: { more: 1 } })
  })

  it('that cannot be written down are refused all the same', async () => {
    const log = { record: async (): Promise<void> => Promise.reject(new Error('full')) }
    const desk = new AuditDesk({ log, now: () => 0 })
    await expect(desk.refusal({ id: 'req_1', route, error: refusal })).resolves.toBeUndefined()
  })
})
