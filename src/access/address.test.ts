// Addresses and networks: every way to write them, and nothing that is none.
import { isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressOf } from './address.ts'
import { isNetworkCovered, isWithin, networkOf } from './cidr.ts'

describe('an address', () => {
  it.each([
    ['0.0.0.0', 32, 0n],
    ['10.0.0.1', 32, 0x0a00_0001n],
    ['::', 128, 0n],
    ['::1', 128, 1n],
    ['1::', 128, 1n << 112n],
    ['2001:DB8::7', 128, 0x2001_0db8n * (1n << 96n) + 7n],
    ['1:2:3:4:5:6:7:8', 128, 0x0001_0002_0003_0004_0005_0006_0007_0008n],
    ['::ffff:10.0.0.1', 32, 0x0a00_0001n],
    ['::ffff:a00:1', 32, 0x0a00_0001n],
    ['::10.0.0.1', 128, 0x0a00_0001n],
  ])('%s is read', (text, bits, value) => {
    expect(addressOf(text)).toEqual({ bits, value })
  })

  it.each([
    '',
    '1',
    '1.2.3',
    '1.2.3.4.5',
    '01.2.3.4',
    '256.1.1.1',
    '0x7f.0.0.1',
    '1.2.3.4 ',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8',
    '12345::',
    'g::',
    '::1%eth0',
    '::1.2.3',
    '1.2.3.4::',
    '::1.2.3.4:5',
  ])('%j is none', (text) => {
    expect(addressOf(text)).toBeUndefined()
  })

  it('is what the system takes for one', () => {
    const group = fc.constantFrom('', '0', '1', 'ff', 'ffff', 'fffff', '1.2.3.4', '256.1.1.1', 'x')
    fc.assert(
      fc.property(
        fc.array(group, { maxLength: 9 }),
        fc.constantFrom(':', '::', '.'),
        (groups, join) => {
          const text = groups.join(join)
          expect([text, addressOf(text) !== undefined]).toEqual([text, isIP(text) !== 0])
        },
      ),
      { numRuns: 2000 },
    )
  })
})

describe('a network', () => {
  it.each([
    '10.0.0.0/8',
    '0.0.0.0/0',
    '10.0.0.1',
    '10.0.0.1/32',
    '::/0',
    '2001:db8::/32',
    '::ffff:10.0.0.0/104',
  ])('may be %s', (text) => {
    expect(networkOf(text)).toBeDefined()
  })

  it.each([
    '',
    '/8',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '10.0.0.0/',
    '::/129',
    '::ffff:10.0.0.0/8',
    'x/8',
  ])('is never %j', (text) => {
    expect(networkOf(text)).toBeUndefined()
  })

  it('has the addresses that begin like it', () => {
    expect(isWithin('10.255.255.255', ['10.0.0.0/8'])).toBe(true)
    expect(isWithin('11.0.0.0', ['10.0.0.0/8'])).toBe(false)
    expect(isWithin('10.1.2.3', ['::ffff:10.0.0.0/104'])).toBe(true)
    expect(isWithin('10.1.2.3', ['::/0'])).toBe(false)
    expect(isWithin('::1', ['0.0.0.0/0'])).toBe(false)
    expect(isWithin('1.2.3.4', ['nonsense'])).toBe(false)
  })

  it('covers those within it', () => {
    expect(isNetworkCovered('10.1.0.0/16', '10.0.0.0/8')).toBe(true)
    expect(isNetworkCovered('10.0.0.0/7', '10.0.0.0/8')).toBe(false)
    expect(isNetworkCovered('11.0.0.0/16', '10.0.0.0/8')).toBe(false)
  })
})
