// What a failure below the protocol is called, by how far the call had come.
import { describe, expect, it } from 'vitest'
import { type Progress, connectionError, timeoutError } from './failure.ts'

function coded(code: string): Error {
  return Object.assign(new Error('secret-host.internal'), { code })
}

describe('connectionError', () => {
  it.each([
    ['ENOTFOUND', 'connecting', 'dns', 'nothing', 'upstream_unreachable'],
    ['EAI_AGAIN', 'connecting', 'dns_timeout', 'nothing', 'upstream_unreachable'],
    ['ECONNREFUSED', 'connecting', 'connect_refused', 'nothing', 'upstream_unreachable'],
    ['ENETUNREACH', 'connecting', 'unreachable', 'nothing', 'upstream_unreachable'],
    ['ETIMEDOUT', 'connecting', 'connect_timeout', 'nothing', 'upstream_unreachable'],
    ['ECONNRESET', 'connecting', 'unreachable', 'nothing', 'upstream_unreachable'],
    ['CERT_HAS_EXPIRED', 'connecting', 'tls', 'nothing', 'upstream_tls'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'connecting', 'protocol', 'nothing', 'upstream_protocol'],
    ['ECONNRESET', 'asked', 'reset_before_headers', 'all', 'upstream_closed'],
    ['UND_ERR_SOCKET', 'asked', 'eof_before_headers', 'all', 'upstream_closed'],
    ['UND_ERR_HEADERS_OVERFLOW', 'begun', 'protocol', 'all', 'upstream_protocol'],
    ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'begun', 'protocol', 'all', 'upstream_protocol'],
    ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'answering', 'truncated', 'all', 'upstream_truncated'],
    ['ECONNRESET', 'answering', 'truncated', 'all', 'upstream_truncated'],
  ] as const)('%s while %s', (...[system, progress, cause, sent, code]) => {
    const error = connectionError(coded(system), progress)
    expect(error).toMatchObject({ code, origin: 'upstream' })
    expect(error.breakage).toEqual({ cause, sent, detail: system })
    expect(error.message).not.toContain('secret-host')
  })

  it('looks into the failures of several addresses', () => {
    const all = new AggregateError([coded('ECONNREFUSED'), coded('ENETUNREACH')])
    expect(connectionError(all, 'connecting').breakage?.cause).toBe('connect_refused')
  })

  it.each(['connecting', 'asked', 'answering'] as const)(
    'leaves its own alone (%s)',
    (progress: Progress) => {
      const error = timeoutError('connect', 1000)
      expect(connectionError(error, progress)).toBe(error)
    },
  )
})

function told(code: string): string {
  return connectionError(coded(code), 'connecting').message
}

it('a certificate that is not accepted is told with what is wrong with it', () => {
  expect(told('CERT_HAS_EXPIRED')).toMatch(/has expired/)
  expect(told('ERR_TLS_CERT_ALTNAME_INVALID')).toMatch(/another host/)
  expect(told('ERR_TLS_SOMETHING')).toMatch(/not accepted/)
})
