// The log line of a request.
import { describe, expect, it } from 'vitest'
import { GatewayError, toGatewayError } from '../../canonical/errors.ts'
import { Trail } from '../../exchange/trail.ts'
import { logLine } from './request-log.ts'

const now = new Date('2026-01-02T03:04:05Z')
const plain = {
  id: 'req_1',
  method: 'POST',
  path: '/v1/chat/completions',
  status: 200,
  elapsedMs: 12.4,
}

describe('logLine', () => {
  it('is short for people', () => {
    expect(logLine(plain, 'text', now)).toBe('POST /v1/chat/completions 200 12 ms')
    expect(logLine({ ...plain, provider: 'house', model: 'tiny' }, 'text', now)).toBe(
      'POST /v1/chat/completions 200 12 ms house/tiny',
    )
  })

  it('says what translation changed', () => {
    const noted = { ...plain, provider: 'house', model: 'tiny', notes: 'dropped=seed' }
    expect(logLine(noted, 'text', now)).toBe(
      'POST /v1/chat/completions 200 12 ms house/tiny [dropped=seed]',
    )
    expect(logLine(noted, 'json', now)).toContain('"notes":"dropped=seed"')
  })

  it('says the way to the answer where it was not the straight one', () => {
    const trail = new Trail()
    const told = { ...plain, provider: 'b', model: 'm', trail }
    trail.add({ target: { provider: 'a', model: 'm' }, outcome: 'timeout', elapsedMs: 1 })
    trail.add({ target: { provider: 'b', model: 'm' }, outcome: 'ok', elapsedMs: 1 })
    expect(logLine(told, 'text', now)).toBe(
      'POST /v1/chat/completions 200 12 ms b/m {a/m=timeout; b/m=ok}',
    )
    expect(logLine(told, 'json', now)).toContain('"trail":"a/m=timeout; b/m=ok"')
    const straight = new Trail()
    straight.add({ target: { provider: 'b', model: 'm' }, outcome: 'ok', elapsedMs: 1 })
    expect(logLine({ ...told, trail: straight }, 'text', now)).toMatch(/ b\/m$/)
    expect(logLine({ ...plain, trail: new Trail() }, 'json', now)).not.toContain('trail')
  })

  it('names the failure, not its text', () => {
    const error = new GatewayError('not_found', 'There is no model "x".', {
      code: 'model_not_found',
    })
    expect(logLine({ ...plain, status: 404, error }, 'text', now)).toBe(
      'POST /v1/chat/completions 404 12 ms model_not_found',
    )
    const uncoded = new GatewayError('upstream', 'It is down.')
    expect(logLine({ ...plain, error: uncoded }, 'text', now)).toMatch(/ upstream$/)
  })

  it('says where our own code failed, but not with what text', () => {
    const cause = new TypeError('cannot read sk-secret of undefined')
    const error = toGatewayError(cause)
    const text = logLine({ ...plain, status: 500, error }, 'text', now) ?? ''
    expect(text).toContain('500 12 ms internal\n    TypeError\n    at ')
    expect(text).toContain('request-log.test.ts')
    expect(text).not.toContain('sk-secret')
    const json = logLine({ ...plain, status: 500, error }, 'json', now) ?? ''
    expect(JSON.parse(json)).toMatchObject({
      error: 'internal',
      fault: expect.arrayContaining(['TypeError']),
    })
    expect(json).not.toContain('sk-secret')
  })

  it('is one JSON object for machines', () => {
    const error = new GatewayError('timeout', 'Too late.', { code: 'first_byte' })
    const line = logLine({ ...plain, provider: 'house', model: 'tiny', error }, 'json', now)
    expect(JSON.parse(line ?? '')).toEqual({
      time: '2026-01-02T03:04:05.000Z',
      id: 'req_1',
      method: 'POST',
      path: '/v1/chat/completions',
      status: 200,
      ms: 12,
      provider: 'house',
      model: 'tiny',
      error: 'timeout',
      code: 'first_byte',
    })
  })

  it('is nothing when it is off', () => {
    expect(logLine(plain, 'off', now)).toBeUndefined()
  })

  it('lets no client write to the terminal', () => {
    const line = logLine({ ...plain, path: `/\u001B[2J\nfake ${'x'.repeat(1000)}` }, 'text', now)
    expect(line).toMatch(/^[\x20-\x7e]{1,260}$/)
  })
})
