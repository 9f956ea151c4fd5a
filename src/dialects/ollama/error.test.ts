// Errors, whose only word is a text and a status.
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../../canonical/errors.ts'
import type { Json } from '../../wire/json.ts'
import { ollama } from './dialect.ts'

function decode(status: number, body: Json): GatewayError {
  return ollama.error.decode({ status, headers: {}, body })
}

/** What is said of a 403 without JSON. */
function messageOf(text: string): string {
  return ollama.error.decode({ status: 403, headers: {}, text }).message
}

describe('reading', () => {
  it.each([
    [400, 'invalid options', 'invalid_request', undefined],
    [400, '"gemma3:1b" does not support thinking', 'unsupported', undefined],
    [400, 'think value "medium" is not supported for this model', 'unsupported', undefined],
    [400, 'input length exceeds the context length', 'context_length', 'context_length_exceeded'],
    [500, 'input length exceeds the context length', 'context_length', 'context_length_exceeded'],
    [400, 'prompt exceeds the available context size', 'context_length', 'context_length_exceeded'],
    [401, 'unauthorized', 'auth', undefined],
    [403, 'not allowed', 'permission', undefined],
    [404, "model 'x' not found", 'not_found', 'model_not_found'],
    [404, 'model "x" not found, try pulling it first', 'not_found', 'model_not_found'],
    [404, 'page missing', 'not_found', undefined],
    [429, 'usage limit', 'rate_limit', undefined],
    [500, 'llama runner process has terminated', 'internal', undefined],
    [502, 'unreachable', 'upstream', undefined],
    [503, 'server busy, please try again.', 'overloaded', undefined],
    [503, 'loading model', 'overloaded', undefined],
  ])('%i %j is %s', (...[status, error, kind, code]) => {
    const decoded = decode(status, { error })
    expect([decoded.kind, decoded.code, decoded.message]).toEqual([kind, code, error])
    expect(decoded.origin).toBe('upstream')
    expect(decoded.upstream?.status).toBe(status)
  })

  it('takes the text of other shapes, as proxies before a server write them', () => {
    expect(decode(500, { error: { message: 'deep' } }).message).toBe('deep')
    expect(decode(500, { message: 'flat' }).message).toBe('flat')
  })

  it.each([
    [null],
    [[]],
    ['text'],
    [{ error: '' }],
    [{ error: '<html>no</html>' }],
    [{ error: 5 }],
  ])('has words of its own for %j', (body) => {
    expect(decode(502, body).message).toBe('The provider answered 502.')
  })

  it('takes plain text where there is no JSON, but no page and no empty body', () => {
    expect(messageOf('Host not allowed')).toBe('Host not allowed')
    expect(messageOf('<!doctype html><p>no')).toBe('The provider answered 403.')
    expect(messageOf('')).toBe('The provider answered 403.')
  })

  it('knows how long to wait', () => {
    const wire = { status: 429, headers: { 'retry-after': '30' }, body: { error: 'slow down' } }
    expect(ollama.error.decode(wire).retryAfterMs).toBe(30_000)
    expect(decode(429, { error: 'slow down' }).retryAfterMs).toBeUndefined()
  })

  it('keeps a precise status of its kind', () => {
    expect(decode(422, { error: 'odd' }).status).toBe(422)
  })
})

describe('writing', () => {
  it('has the text as a string, whatever else there is', () => {
    const error = new GatewayError('rate_limit', 'slow down', { code: 'x', retryAfterMs: 1500 })
    expect(ollama.error.encode(error, 'r')).toEqual({
      status: 429,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'retry-after': '2',
        'retry-after-ms': '1500',
      },
      body: { error: 'slow down' },
    })
    expect(ollama.error.encode(new GatewayError('internal', ''), 'r').body).toEqual({
      error: 'The request failed.',
    })
  })

  it.each(['auth', 'permission', 'quota'] as const)(
    'shows a failure of our own credential (%s) without its words and its sign-in address',
    (kind) => {
      const extensions = { ollama: { fields: { signin_url: 'https://ollama.com/connect' } } }
      const ours = new GatewayError(kind, 'no key', { origin: 'upstream', extensions })
      const { status, body } = ollama.error.encode(ours, 'r')
      expect(status).toBe(kind === 'quota' ? 429 : 502)
      expect(JSON.stringify(body)).not.toContain('no key')
      expect(JSON.stringify(body)).not.toContain('signin_url')
      expect(
        ollama.error.encode(new GatewayError(kind, 'no', { origin: 'client' }), 'r').status,
      ).toBe({ auth: 401, permission: 403, quota: 429 }[kind])
    },
  )
})
