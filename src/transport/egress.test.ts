// Where a provider may be: who says so, and what the operator lists.
import { describe, expect, it } from 'vitest'
import { toGatewayError } from '../canonical/errors.ts'
import { addressRange } from './address.ts'
import { type EgressRules, type EgressTuple, NO_RULES, placedUrl } from './egress.ts'

const OLLAMA: EgressTuple = { provider: 'lab', scheme: 'http', host: '127.0.0.1', port: 11_434 }

function rules(more: Partial<EgressRules> = {}): EgressRules {
  return { ...NO_RULES, ...more }
}

function outcome(text: string, given: EgressRules, byOperator = false): string {
  try {
    return placedUrl(text, { name: 'lab', byOperator, rules: given }).reach
  } catch (thrown) {
    return toGatewayError(thrown).code ?? ''
  }
}

describe('a base URL that comes in over an API', () => {
  it.each([
    ['https://models.example/v1', 'public'],
    ['https://8.8.8.8/v1', 'public'],
    ['https://[2606:4700::1111]/v1', 'public'],
    ['https://models.example:8443/v1', 'invalid_base_url'],
    ['https://models.example:6379/v1', 'invalid_base_url'],
    ['http://models.example/v1', 'address_forbidden'],
    ['http://127.0.0.1:11434', 'address_forbidden'],
    ['https://127.0.0.1/v1', 'address_forbidden'],
    ['https://10.1.2.3/v1', 'address_forbidden'],
    ['https://[::1]/v1', 'address_forbidden'],
    ['https://[::ffff:10.0.0.1]/v1', 'address_forbidden'],
    ['https://localhost/v1', 'address_forbidden'],
    ['https://models/v1', 'address_forbidden'],
    ['https://models.lan/v1', 'address_forbidden'],
    ['https://localhost.localdomain/v1', 'address_forbidden'],
    ['https://metadata.google.internal/', 'address_forbidden'],
    ['https://10.0.0.5.nip.io/v1', 'address_forbidden'],
    ['https://lab.127-0-0-1.sslip.io/v1', 'address_forbidden'],
    ['https://8.8.8.8.nip.io/v1', 'public'],
  ])('%s: %s', (text, expected) => {
    expect(outcome(text, NO_RULES)).toBe(expected)
  })

  it('may name exactly what is listed: this scheme, host and port', () => {
    const given = rules({ allow: [OLLAMA] })
    expect(outcome('http://127.0.0.1:11434/v1', given)).toBe('private')
    for (const other of [
      'https://127.0.0.1:11434',
      'http://127.0.0.1:11435',
      'http://127.0.0.1',
      'http://127.0.0.2:11434',
      'http://localhost:11434',
      'http://[::1]:11434',
      'http://[::ffff:127.0.0.1]:11434',
    ]) {
      expect([other, outcome(other, given)]).toEqual([other, 'address_forbidden'])
    }
    expect(
      outcome('http://127.0.0.1:11434', rules({ allow: [{ ...OLLAMA, provider: 'x' }] })),
    ).toBe('address_forbidden')
  })

  it('may use the ports of public hosts that are listed', () => {
    const given = rules({ publicPorts: [8443] })
    expect(outcome('https://models.example:8443', given)).toBe('public')
    expect(outcome('https://10.0.0.1:8443', given)).toBe('address_forbidden')
  })

  it('is told what to write where', () => {
    expect(() =>
      placedUrl('http://10.1.2.3:8000/v1', { name: 'lab', byOperator: false, rules: NO_RULES }),
    ).toThrow('{ provider: lab, scheme: http, host: "10.1.2.3", port: 8000 } under egress.allow')
  })
})

describe('a base URL of the operator', () => {
  it.each([
    ['http://127.0.0.1:9/v1', 'private'],
    ['http://lab:8000/v1', 'private'],
    ['http://models.corp.example/v1', 'private'],
    ['https://10.0.0.1/v1', 'private'],
    ['https://box.lan:8443/v1', 'private'],
    ['https://models.corp.example/v1', 'public'],
    ['https://8.8.8.8/v1', 'public'],
  ])('%s: %s', (text, expected) => {
    expect(outcome(text, NO_RULES, true)).toBe(expected)
  })

  it('by name and with TLS may lead inside where it is listed', () => {
    const host = 'models.corp.example'
    const given = rules({ allow: [{ scheme: 'https', host, port: 443 }] })
    expect(outcome(`https://${host}/v1`, given, true)).toBe('private')
  })
})

describe('what nobody may name', () => {
  const FORBIDDEN = [
    'http://169.254.169.254/latest',
    'http://[fd00:ec2::254]/',
    'http://100.100.100.200/',
    'http://168.63.129.16/',
    'http://metadata.google.internal/',
    'http://metadata/',
    'http://[::ffff:169.254.169.254]/',
    'http://[64:ff9b::a9fe:a9fe]/',
    'http://[64:ff9b:1:a9fe:a9:fe00::]/',
    'http://0.0.0.0:8000/',
    'http://[::]:8000/',
    'http://224.0.0.1/',
    'http://[fe80::1]/',
  ]
  it.each(FORBIDDEN)('%s, be it listed', (text) => {
    const host = new URL(text).hostname.replaceAll(/[[\]]/g, '')
    const port = Number(new URL(text).port || 80)
    const given = rules({ allow: [{ scheme: 'http', host, port }] })
    expect(outcome(text, given, true)).toBe('address_forbidden')
    expect(outcome(text, given)).toBe('address_forbidden')
  })

  it('is what the operator puts on the list of it, in any spelling', () => {
    const never = [addressRange('10.66.0.0/16') ?? { bytes: [], bits: 0 }]
    const given = rules({ never })
    expect(outcome('http://10.66.1.2:8000', given, true)).toBe('address_forbidden')
    expect(outcome('http://[::ffff:10.66.1.2]:8000', given, true)).toBe('address_forbidden')
    expect(outcome('http://10.67.1.2:8000', given, true)).toBe('private')
  })
})
