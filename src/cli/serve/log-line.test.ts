// The lines of the log: of requests, of streams that end, and of what changes.
import { describe, expect, it } from 'vitest'
import { GatewayError, toGatewayError } from '../../canonical/errors.ts'
import type { CallEnded } from '../../exchange/facts/calls.ts'
import type { Happening } from '../../exchange/happening.ts'
import type { RequestAnswered } from '../../exchange/facts/server.ts'
import { logLine } from './log-line.ts'

const now = new Date('2026-01-02T03:04:05Z')
const plain: RequestAnswered = {
  type: 'request-answered',
  id: 'req_1',
  method: 'POST',
  path: '/v1/chat/completions',
  status: 200,
  elapsedMs: 12.4,
}

function lines(fact: Happening): readonly [string | undefined, unknown] {
  const json = logLine(fact, 'json', now)
  return [logLine(fact, 'text', now), json === undefined ? undefined : JSON.parse(json)]
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
    const first = { target: { provider: 'a', model: 'm' }, outcome: 'timeout', elapsedMs: 1.2 }
    const second = { target: { provider: 'b', model: 'm' }, outcome: 'ok', elapsedMs: 1 }
    const answered = { ...plain, provider: 'b', model: 'm' }
    const way = {
      ...answered,
      caller: 'key7',
      attempts: [first, { ...second, replay: true as const }],
      trail: 'a/m=timeout; b/m=ok',
    }
    expect(logLine(way, 'text', now)).toBe(
      'POST /v1/chat/completions 200 12 ms b/m {a/m=timeout; b/m=ok}',
    )
    expect(JSON.parse(logLine(way, 'json', now) ?? '')).toMatchObject({
      key: 'key7',
      trail: 'a/m=timeout; b/m=ok',
      attempts: [
        { provider: 'a', model: 'm', outcome: 'timeout', ms: 1 },
        { provider: 'b', model: 'm', outcome: 'ok', ms: 1, replay: true },
      ],
    })
    const straight = { ...answered, attempts: [second], trail: 'b/m=ok' }
    expect(logLine(straight, 'text', now)).toMatch(/ b\/m$/)
    const passed = { ...straight, trail: 'a/m=open; b/m=ok' }
    expect(logLine(passed, 'text', now)).toContain('{a/m=open; b/m=ok}')
    expect(logLine({ ...plain, attempts: [] }, 'json', now)).not.toContain('trail')
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
    expect(text).toContain('log-line.test.ts')
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
      event: 'request',
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

describe('the line of what happens otherwise', () => {
  const target = { provider: 'house', model: 'tiny' }

  it('tells how a stream ended, with its key, its tokens and its attempts', () => {
    const fact: CallEnded = {
      type: 'call-ended',
      id: 'req_1',
      operation: 'chat',
      caller: 'key7',
      outcome: 'abandoned',
      streamEnd: 'drain',
      target,
      attempts: [{ target, outcome: 'ok', elapsedMs: 3 }],
      elapsedMs: 1234.5,
      usage: { input: { total: 7 } },
    }
    expect(lines(fact)).toEqual([
      'stream req_1 drain 1235 ms house/tiny 7+? tokens',
      {
        time: '2026-01-02T03:04:05.000Z',
        event: 'stream_end',
        id: 'req_1',
        key: 'key7',
        end: 'drain',
        ms: 1235,
        ...target,
        input_tokens: 7,
        attempts: [{ ...target, outcome: 'ok', ms: 3 }],
      },
    ])
    const { streamEnd: _, ...whole } = fact
    expect(lines(whole)).toEqual([undefined, undefined])
  })

  it.each<readonly [Happening, string, object]>([
    [
      {
        type: 'target-state-changed',
        target,
        from: 'closed',
        to: 'open',
        reason: 'idle\u001B_timeout',
        waitMs: 5120,
      },
      'target house/tiny open for 5.1 s: idle?_timeout',
      { event: 'target_state', ...target, from: 'closed', to: 'open', wait_ms: 5120 },
    ],
    [
      { type: 'target-state-changed', target, from: 'open', to: 'half-open' },
      'target house/tiny half-open',
      { event: 'target_state', to: 'half-open' },
    ],
    [
      { type: 'target-cooled', target, forMs: 2000 },
      'target house/tiny asked to be left alone for 2 s',
      { event: 'target_cooled', for_ms: 2000 },
    ],
    [
      { type: 'panic-changed', target, panics: true },
      'target house/tiny is asked although it fails: every other one does too',
      { event: 'panic', panics: true },
    ],
    [
      { type: 'key-checked', provider: 'house', standing: 'invalid' },
      'key of house invalid',
      { event: 'key_checked', provider: 'house', standing: 'invalid' },
    ],
    [
      {
        type: 'credential-quarantined',
        provider: 'house',
        credential: 'k1',
        generation: 1,
        reason: 'auth',
      },
      'credential house#k1 is no longer used: auth',
      { event: 'credential_quarantined', provider: 'house', credential: 'k1', reason: 'auth' },
    ],
    [
      {
        type: 'credential-exhausted',
        provider: 'house',
        credential: 'k1',
        generation: 1,
        forMs: 900_000,
      },
      'credential house#k1 has used up its quota: left alone for 900 s',
      { event: 'credential_exhausted', for_ms: 900_000 },
    ],
    [
      { type: 'credential-replaced', provider: 'house', credential: 'k1', generation: 2 },
      'credential house#k1 has another key',
      { event: 'credential_replaced' },
    ],
    [
      { type: 'slow-client', phase: 'head' },
      'client too slow in the head',
      { event: 'slow_client', phase: 'head' },
    ],
    [
      {
        type: 'config-reloaded',
        result: 'rejected',
        generation: 1,
        error: new GatewayError('invalid_request', 'patchbay.yaml:3 is wrong'),
      },
      'configuration rejected, number 1 in force: patchbay.yaml:3 is wrong',
      { event: 'config_reloaded', result: 'rejected', error: 'patchbay.yaml:3 is wrong' },
    ],
    [
      { type: 'drain-started', calls: 3 },
      'stopping with 3 calls under way',
      { event: 'drain_started', calls: 3 },
    ],
    [
      { type: 'drain-ended', elapsedMs: 1234, cut: 1 },
      'stopped after 1.2 s, 1 calls cut',
      { event: 'drain_ended', ms: 1234, cut: 1 },
    ],
    [
      { type: 'limiter-backend', state: 'down', reason: 'redis_lost' },
      'shared limits are counted alone: Redis is lost (redis_lost)',
      { event: 'limiter_backend_down', reason: 'redis_lost' },
    ],
    [
      { type: 'store-state', state: 'down', failure: 'full' },
      'database does not do its work: full',
      { event: 'store_down', failure: 'full' },
    ],
    [{ type: 'store-state', state: 'up' }, 'database does its work again', { event: 'store_up' }],
    [
      { type: 'vault-state', state: 'sealed', reason: 'vault_key_unreachable' },
      'vault sealed: vault_key_unreachable',
      { event: 'vault_state', state: 'sealed', reason: 'vault_key_unreachable' },
    ],
    [
      { type: 'vault-rotated', generation: 2 },
      'vault has a new root key, generation 2',
      { event: 'vault_rotated', generation: 2 },
    ],
    [
      { type: 'vault-secret-refused', key: 'house/1' },
      'vault: secret house/1 was changed by somebody else and does not open',
      { event: 'vault_secret_refused', secret: 'house/1' },
    ],
    [
      { type: 'vault-file-behind', reason: 'ENOSPC' },
      'vault.pbv could not be written: ENOSPC',
      { event: 'vault_file_behind', reason: 'ENOSPC' },
    ],
    [
      { type: 'limiter-reseeded', reason: 'memory-lost', counts: 3 },
      'shared limits were told anew to Redis: memory-lost',
      { event: 'limiter_reseeded', counts: 3 },
    ],
  ])('tells of changes (%#)', (fact, text, json) => {
    const [said, data] = lines(fact)
    expect(said).toBe(text)
    expect(data).toMatchObject(json)
  })

  it('is none for what is only counted', () => {
    expect(lines({ type: 'stream-started', id: 'req_1' })).toEqual([undefined, undefined])
  })
})
