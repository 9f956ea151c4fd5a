// Which addresses are which: every special range at both ends, and IPv4 inside IPv6.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressBytes, addressKind, isLoopbackAddress } from './address.ts'

describe('addressKind', () => {
  it.each([
    ['169.254.169.254', 'never'],
    ['169.254.0.0', 'never'],
    ['169.254.255.255', 'never'],
    ['100.100.100.200', 'never'],
    ['168.63.129.16', 'never'],
    ['fd00:ec2::254', 'never'],
    ['127.0.0.1', 'private'],
    ['127.255.255.254', 'private'],
    ['10.1.2.3', 'private'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.1.1', 'private'],
    ['100.64.0.1', 'private'],
    ['::1', 'private'],
    ['fc00::1', 'private'],
    ['fdff::1', 'private'],
    ['0.0.0.0', 'reserved'],
    ['192.0.2.1', 'reserved'],
    ['198.19.255.255', 'reserved'],
    ['224.0.0.1', 'reserved'],
    ['255.255.255.255', 'reserved'],
    ['::', 'reserved'],
    ['fe80::1', 'reserved'],
    ['fe80::1%eth0', 'reserved'],
    ['ff02::1', 'reserved'],
    ['2001:db8::1', 'reserved'],
    ['not an address', 'reserved'],
    ['', 'reserved'],
    ['8.8.8.8', 'public'],
    ['172.32.0.1', 'public'],
    ['172.15.255.255', 'public'],
    ['100.128.0.1', 'public'],
    ['169.253.255.255', 'public'],
    ['2606:4700::1111', 'public'],
  ])('%s is %s', (address, kind) => {
    expect(addressKind(address)).toBe(kind)
  })

  it.each([
    ['::ffff:169.254.169.254', 'never'],
    ['::ffff:a9fe:a9fe', 'never'],
    ['::169.254.169.254', 'never'],
    ['64:ff9b::169.254.169.254', 'never'],
    ['64:ff9b:1::a9fe:a9fe', 'never'],
    ['2002:a9fe:a9fe::1', 'never'],
    // Teredo inverts the client's address: 5601:5601 is 169.254.169.254.
    ['2001:0:4136:e378:8000:63bf:5601:5601', 'never'],
    ['::ffff:127.0.0.1', 'private'],
    ['2002:7f00:1::', 'private'],
    ['::ffff:8.8.8.8', 'public'],
  ])('%s carries an IPv4 address that is %s', (address, kind) => {
    expect(addressKind(address)).toBe(kind)
  })

  it('sees the same in an IPv4 address and in its mapped form', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(addressKind(`::ffff:${address}`)).toBe(addressKind(address))
      }),
    )
  })
})

describe('addressBytes', () => {
  it('reads every spelling of the same address alike', () => {
    const bytes = addressBytes('2001:db8::1')
    expect(bytes).toHaveLength(16)
    expect(addressBytes('2001:0db8:0:0:0:0:0:1')).toEqual(bytes)
    expect(addressBytes('2001:DB8:0000::0001')).toEqual(bytes)
  })

  it('gives 16 bytes for every IPv6 address', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        expect(addressBytes(address)).toHaveLength(16)
      }),
    )
  })

  it('knows what is no address', () => {
    expect(addressBytes('1.2.3')).toBeUndefined()
    expect(addressBytes('localhost')).toBeUndefined()
  })
})

describe('isLoopbackAddress', () => {
  it.each([
    ['127.0.0.1', true],
    ['127.9.9.9', true],
    ['::1', true],
    ['::ffff:127.0.0.1', true],
    ['10.0.0.1', false],
    ['::2', false],
    ['::ffff:10.0.0.1', false],
    ['', false],
  ])('%s: %s', (address, expected) => {
    expect(isLoopbackAddress(address)).toBe(expected)
  })
})
