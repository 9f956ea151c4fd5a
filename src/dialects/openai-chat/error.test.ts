// Errors: every form that hosts send, and the one that clients get.
import { describe, expect, it } from 'vitest'
import { corpusCases } from '../../../test/corpus.ts'
import { type ErrorKind, GatewayError } from '../../canonical/errors.ts'
import type { Json, JsonObject } from '../../wire/json.ts'
import type { WireHeaders } from '../../wire/message.ts'
import { openaiChat } from './dialect.ts'

function decoded(status: number, body: Json | undefined, headers: WireHeaders = {}): GatewayError {
  return openaiChat.error.decode({ status, headers, ...(body === undefined ? {} : { body }) })
}

function encoded(kind: ErrorKind, details: ConstructorParameters<typeof GatewayError>[2] = {}) {
  return openaiChat.error.encode(new GatewayError(kind, 'What was wrong.', details), 'req_1')
}

function said(message: string, code: string | null = null): JsonObject {
  return { error: { message, code } }
}

function wait(headers: WireHeaders, code = 'rate_limit_exceeded'): number | undefined {
  return decoded(429, { error: { message: 'x', code } }, headers).retryAfterMs
}

describe('the forms of an error body', () => {
  it.each([
    ['an object', { error: { message: 'a', type: 't', param: 'p', code: 'c' } }, ['a', 'c', 'p']],
    ['a string', { error: 'a' }, ['a', undefined, undefined]],
    ['a string with a code beside it', { code: 'c', error: 'a' }, ['a', 'c', undefined]],
    [
      'the root',
      { object: 'error', message: 'a', code: 400, param: null },
      ['a', '400', undefined],
    ],
    ['a detail', { detail: 'a' }, ['a', undefined, undefined]],
    [
      'a list of details',
      { detail: [{ loc: ['body', 0], msg: 'bad' }] },
      ['body.0: bad', undefined, undefined],
    ],
    ['a message', { message: 'a', statusCode: 401 }, ['a', undefined, undefined]],
    ['an array of one', [{ error: { message: 'a', code: 404 } }], ['a', '404', undefined]],
    ['a text', 'a', ['a', undefined, undefined]],
  ] satisfies readonly (readonly [string, Json, readonly (string | undefined)[]])[])(
    '%s',
    (_, body, [message, code, param]) => {
      const error = decoded(400, body)
      expect([error.message, error.code, error.param]).toEqual([message, code, param])
    },
  )

  it.each([
    undefined,
    null,
    [],
    {},
    { error: {} },
    { error: '<html><b>502</b></html>' },
    '<!doctype html>',
  ])('says the status where %j says nothing a person could read', (body) => {
    expect(decoded(502, body).message).toBe('The provider answered with status 502 (Bad Gateway).')
  })

  it('cuts a message that is a book', () => {
    expect(decoded(400, { error: { message: 'x'.repeat(10_000) } }).message.length).toBeLessThan(
      2100,
    )
  })
})

describe('the kind of an error', () => {
  it.each([
    [400, said('x'), 'invalid_request'],
    [400, said('x', 'unsupported_parameter'), 'unsupported'],
    [400, said("This model's maximum context length is 5 tokens"), 'context_length'],
    [
      400,
      { error: { code: 400, message: 'x', type: 'exceed_context_size_error', n_ctx: 5 } },
      'context_length',
    ],
    [403, said('Please reduce the length of the messages'), 'context_length'],
    [500, said('prompt is too long: 9 > 5'), 'context_length'],
    [400, said('Incorrect API key provided'), 'auth'],
    [400, said('x', 'content_filter'), 'content_policy'],
    [400, said('x', 'image_content_policy_violation'), 'content_policy'],
    [403, said('x', 'data_residency_mismatch'), 'permission'],
    [
      403,
      {
        error: { code: 403, message: 'x', metadata: { raw: 'Content violates usage guidelines' } },
      },
      'content_policy',
    ],
    [401, said('x'), 'auth'],
    [402, said('Insufficient Balance'), 'quota'],
    [403, said('x'), 'permission'],
    [404, said('x', 'model_not_found'), 'not_found'],
    [404, { error: { code: 'DeploymentNotFound', message: 'x' } }, 'not_found'],
    [408, said('x'), 'timeout'],
    [409, said('x'), 'conflict'],
    [413, said('x'), 'request_too_large'],
    [422, { detail: 'x' }, 'invalid_request'],
    [424, said('x'), 'upstream'],
    [429, said('x'), 'rate_limit'],
    [429, said('You exceeded your current quota, please check your plan'), 'quota'],
    [498, said('x', 'capacity_exceeded'), 'overloaded'],
    [500, said('x'), 'internal'],
    [502, said('x'), 'upstream'],
    [503, said('x'), 'overloaded'],
    [524, undefined, 'timeout'],
    [529, said('x'), 'overloaded'],
    [200, { error: { code: 429, message: 'x' } }, 'rate_limit'],
    [200, { error: { message: 'x', type: 'invalid_request_error' } }, 'invalid_request'],
    [200, { error: 'x' }, 'upstream'],
  ] satisfies readonly (readonly [number, Json | undefined, ErrorKind])[])(
    '%i %j',
    (status, body, kind) => {
      const error = decoded(status, body)
      expect(error.kind).toBe(kind)
      expect(error.origin).toBe('upstream')
    },
  )

  it('keeps a status that says the kind more precisely', () => {
    expect(decoded(422, { detail: 'x' }).status).toBe(422)
    expect(decoded(529, undefined).status).toBe(529)
    expect(decoded(200, { error: { code: 429, message: 'x' } }).status).toBe(429)
    expect(decoded(403, said('maximum context length')).status).toBe(400)
  })
})

describe('when to try again', () => {
  it('is read from the headers, but never after a quota', () => {
    expect(wait({ 'retry-after': '2' })).toBe(2000)
    expect(wait({ 'retry-after': '2' }, 'insufficient_quota')).toBeUndefined()
  })
})

describe('what a client gets', () => {
  it.each([
    ['invalid_request', 400, 'invalid_request_error', null],
    ['unsupported', 400, 'invalid_request_error', 'unsupported_value'],
    ['auth', 401, 'invalid_request_error', 'invalid_api_key'],
    ['permission', 403, 'invalid_request_error', 'permission_denied'],
    ['not_found', 404, 'invalid_request_error', 'not_found'],
    ['conflict', 409, 'invalid_request_error', 'conflict'],
    ['request_too_large', 413, 'invalid_request_error', 'request_too_large'],
    ['context_length', 400, 'invalid_request_error', 'context_length_exceeded'],
    ['rate_limit', 429, 'rate_limit_error', 'rate_limit_exceeded'],
    ['quota', 429, 'insufficient_quota', 'insufficient_quota'],
    ['content_policy', 400, 'invalid_request_error', 'content_policy_violation'],
    ['overloaded', 503, 'service_unavailable_error', 'server_is_overloaded'],
    ['timeout', 504, 'server_error', 'timeout'],
    ['upstream', 502, 'server_error', 'upstream_error'],
    ['internal', 500, 'server_error', null],
    ['cancelled', 499, 'server_error', 'cancelled'],
  ] satisfies readonly (readonly [ErrorKind, number, string, string | null])[])(
    '%s is %i',
    (kind, ...[status, type, code]) => {
      const wire = encoded(kind)
      expect(wire.status).toBe(status)
      expect(wire.body).toEqual({ error: { message: 'What was wrong.', type, param: null, code } })
      expect(wire.headers['x-request-id']).toBe('req_1')
    },
  )

  it.each([
    ['auth', 502, { type: 'server_error', code: 'upstream_auth_failed' }],
    ['permission', 502, { type: 'server_error', code: 'upstream_auth_failed' }],
    ['quota', 429, { type: 'rate_limit_error', code: 'upstream_quota_exhausted' }],
  ] as const)(
    'never blames its key for what a provider says of ours: %s',
    (kind, status, error) => {
      const wire = encoded(kind, { origin: 'upstream' })
      expect(wire.status).toBe(status)
      expect(wire.body).toMatchObject({ error })
      expect(JSON.stringify(wire.body)).not.toContain('What was wrong')
      expect(wire.headers['x-should-retry']).toBe('false')
    },
  )

  it('is told where, and why in one word', () => {
    expect(encoded('not_found', { param: 'model', code: 'model_not_found' }).body).toMatchObject({
      error: { param: 'model', code: 'model_not_found' },
    })
  })

  it('is told when to try again, in both spellings, or that it need not', () => {
    expect(encoded('rate_limit', { retryAfterMs: 1200 }).headers).toMatchObject({
      'retry-after': '2',
      'retry-after-ms': '1200',
    })
    expect(encoded('rate_limit').headers).not.toHaveProperty('x-should-retry')
    for (const kind of ['quota', 'invalid_request', 'content_policy'] as const) {
      expect(encoded(kind, { retryAfterMs: 5 }).headers).toEqual({
        'x-request-id': 'req_1',
        'x-should-retry': 'false',
      })
    }
  })

  it('sees why a filter struck, but nothing of what a router quotes', () => {
    const body = {
      error: {
        message: 'filtered',
        code: 'content_filter',
        innererror: { code: 'ResponsibleAIPolicyViolation' },
        metadata: { raw: 'key id 5bfd' },
      },
      user_id: 'user_1',
    }
    const again = openaiChat.error.encode(decoded(400, body), 'req_1')
    expect(again.body).toMatchObject({
      error: { innererror: { code: 'ResponsibleAIPolicyViolation' } },
    })
    expect(JSON.stringify(again.body)).not.toMatch(/5bfd|user_1/)
  })
})

const failed = [...corpusCases('openai-chat'), ...corpusCases('openai-compatible')].filter(
  (one) => one.status >= 400 && !one.path.includes('/embed') && !one.path.includes('/rerank'),
)

describe.skipIf(failed.length === 0)('recorded errors', () => {
  it.for(failed)('$name is read with its message and stays in its class', (one) => {
    const error = openaiChat.error.decode({
      status: one.status,
      headers: one.responseHeaders,
      ...(one.response === undefined ? {} : { body: one.response }),
      ...(one.responseText === undefined ? {} : { text: one.responseText }),
    })
    expect(error.message).not.toMatch(/^The provider answered with status/)
    expect(Math.floor(error.status / 100)).toBe(Math.floor(one.status / 100))
    expect(error.upstream?.status).toBe(one.status)
  })
})
