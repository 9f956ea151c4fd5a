// Whose word counts for where a client is.
import { describe, expect, it } from 'vitest'
import { type AddressRange, addressRange } from '../transport/address.ts'
import { clientAddress, isNear } from './client-address.ts'

const PROXIES: readonly AddressRange[] = ['10.0.0.0/8', '::1'].flatMap(
  (text) => addressRange(text) ?? [],
)

describe('the address of a client', () => {
  it.each<[string, readonly string[], string]>([
    ['203.0.113.9', [], '203.0.113.9'],
    // Not a proxy: what it says of others is its own invention.
    ['203.0.113.9', ['127.0.0.1'], '203.0.113.9'],
    ['10.0.0.1', [], '10.0.0.1'],
    ['10.0.0.1', ['203.0.113.9'], '203.0.113.9'],
    ['::ffff:10.0.0.1', ['203.0.113.9'], '203.0.113.9'],
    ['::1', ['2001:4860::1'], '2001:4860::1'],
    // A client wrote the first entry.
    ['10.0.0.1', ['127.0.0.1, 203.0.113.9'], '203.0.113.9'],
    ['10.0.0.1', ['127.0.0.1', '203.0.113.9'], '203.0.113.9'],
    ['10.0.0.1', ['203.0.113.9, 10.0.0.2'], '203.0.113.9'],
    ['10.0.0.1', ['10.0.0.3, 10.0.0.2'], '10.0.0.3'],
    ['10.0.0.1', ['unknown'], '10.0.0.1'],
    ['10.0.0.1', ['127.0.0.1, unknown, 10.0.0.2'], '10.0.0.2'],
  ])('from %s with %j is %s', (socket, forwarded, expected) => {
    expect(clientAddress(socket, forwarded, PROXIES)).toBe(expected)
  })

  it('is the socket’s where no proxy is declared', () => {
    expect(clientAddress('10.0.0.1', ['203.0.113.9'], [])).toBe('10.0.0.1')
  })
})

describe('somebody near', () => {
  it.each([
    ['127.0.0.1', true],
    ['::1', true],
    ['10.1.2.3', true],
    ['192.168.1.2', false],
    ['203.0.113.9', false],
  ])('from %s: %s', (socket, expected) => {
    expect(isNear(socket, PROXIES)).toBe(expected)
  })
})
