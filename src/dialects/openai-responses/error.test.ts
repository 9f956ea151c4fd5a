// Failures: told apart by what they say, and told to clients without what is none of their business.
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../../canonical/errors.ts'
import type { Json } from '../../wire/json.ts'
import type { WireHeaders } from '../../wire/message.ts'
import { openaiResponses } from './dialect.ts'

function decode(status: number, body: Json, headers: WireHeaders = {}) {
  return openaiResponses.error.decode({ status, headers, body })
}

const said = (code: string | null, type = 'invalid_request_error', message = 'What.') => ({
  error: { message, type, param: null, code },
})

describe('reading', () => {
  it.each([
    ['rate_limit_exceeded', 'rate_limit'],
    ['insufficient_quota', 'quota'],
    ['credit_balance_exhausted', 'quota'],
    ['server_error', 'internal'],
    ['vector_store_timeout', 'timeout'],
    ['invalid_prompt', 'content_policy'],
    ['bio_policy', 'content_policy'],
    ['image_content_policy_violation', 'content_policy'],
    ['data_residency_mismatch', 'permission'],
    ['image_too_large', 'invalid_request'],
    ['invalid_base64_image', 'invalid_request'],
    ['failed_to_download_image', 'invalid_request'],
    ['unheard_of', 'upstream'],
  ])('takes code %s inside a success for %s', (code, kind) => {
    expect(decode(200, { code, message: 'What.' }).kind).toBe(kind)
    expect(decode(200, { status: 'failed', error: { code, message: 'What.' } }).kind).toBe(kind)
    expect(decode(200, { type: 'error', error: { code, message: 'What.' } }).kind).toBe(kind)
  })

  it.each([
    [400, said(null), 'invalid_request'],
    [400, said(null, 'x', 'Your input exceeds the context window.'), 'context_length'],
    [401, said(null, 'x', 'Incorrect API key provided.'), 'auth'],
    [429, said(null, 'x', 'You exceeded your current quota.'), 'quota'],
    [404, { detail: 'Not Found' }, 'not_found'],
    [500, said(null, 'x', 'maximum context length'), 'internal'],
    [503, 'busy', 'overloaded'],
    [400, [{ error: { message: 'x' } }], 'invalid_request'],
  ] as const)('takes status %d with %o for %s', (status, body, kind) => {
    expect(decode(status, body).kind).toBe(kind)
  })

  it('finds a message in each form, and one of its own where there is none', () => {
    expect(decode(400, { error: 'Plain.' }).message).toBe('Plain.')
    expect(decode(422, { detail: [{ loc: ['body', 0, null], msg: 'bad' }, 5] }).message).toBe(
      'body.0: bad',
    )
    expect(decode(422, { detail: [{ loc: 'x' }] }).message).toBe(': invalid')
    expect(decode(400, { detail: 5 }).message).toContain('status 400')
    expect(decode(502, '<html>x</html>').message).toContain('status 502')
    expect(decode(200, {}).message).toContain('without an explanation')
    expect(decode(400, { error: 'x'.repeat(3000) }).message).toHaveLength(2003)
  })

  it('knows when to try again, but not for a quota', () => {
    const limited = said('rate_limit_exceeded')
    const wait = (headers: WireHeaders) => decode(429, limited, headers).retryAfterMs
    expect(wait({ 'retry-after-ms': '120' })).toBe(120)
    expect(wait({ 'retry-after': '2' })).toBe(2000)
    expect(wait({ 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' })).toBeUndefined()
    expect(
      wait({ 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '1m1.5s' }),
    ).toBe(61_500)
    expect(
      wait({ 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': 'soon' }),
    ).toBeUndefined()
    const quota = decode(429, said('insufficient_quota'), { 'retry-after': '2' })
    expect(quota.retryAfterMs).toBeUndefined()
  })
})

const encode = (error: GatewayError) => openaiResponses.error.encode(error, 'req_1')

describe('writing', () => {
  it("never blames the client's key for trouble with the gateway's own", () => {
    for (const kind of ['auth', 'permission', 'quota'] as const) {
      const theirs = new GatewayError(kind, 'sk-secret is wrong', { origin: 'upstream' })
      const { status, body, headers } = encode(theirs)
      expect(status).toBe(kind === 'quota' ? 429 : 502)
      expect(JSON.stringify(body)).not.toContain('sk-secret')
      expect(headers['x-should-retry']).toBe('false')
      const own = new GatewayError(kind, 'Your key.', { origin: 'client' })
      expect(encode(own).status).toBe(own.status)
    }
  })

  it('says when to try again, or that it is of no use', () => {
    const busy = new GatewayError('overloaded', 'Busy.', { retryAfterMs: 1200 })
    expect(encode(busy).headers).toMatchObject({ 'retry-after': '2', 'retry-after-ms': '1200' })
    expect(encode(new GatewayError('overloaded', 'Busy.')).headers).toEqual({
      'x-request-id': 'req_1',
    })
    expect(encode(new GatewayError('invalid_request', 'No.')).headers['x-should-retry']).toBe(
      'false',
    )
  })

  it("keeps the provider's own type and code", () => {
    const { body } = encode(decode(400, said('odd_code', 'odd_type')))
    expect(body).toEqual({
      error: { message: 'What.', type: 'odd_type', param: null, code: 'odd_code' },
    })
  })
})
