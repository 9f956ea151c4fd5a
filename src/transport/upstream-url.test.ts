// The guard on base URLs and addresses.
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../canonical/errors.ts'
import type { Reach } from './transport.ts'
import { parseUpstreamUrl } from './base-url.ts'
import { isLoopback, upstreamUrl } from './upstream-url.ts'
import { vetAddresses } from './vetting.ts'

function refusal(text: string, reach: Reach): string {
  try {
    parseUpstreamUrl(text, reach)
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'invalid_base_url') return error.message
    throw error
  }
  throw new Error(`${text} was not refused`)
}

describe('parseUpstreamUrl', () => {
  it('takes a public https URL, with its path and without a slash at the end', () => {
    expect(parseUpstreamUrl('https://api.example.com/v1/', 'public').href).toBe(
      'https://api.example.com/v1',
    )
  })

  it('takes plain http, single names and any port from the operator', () => {
    expect(parseUpstreamUrl('http://ollama:11434', 'private').origin).toBe('http://ollama:11434')
    expect(parseUpstreamUrl('http://[::1]:80/v1', 'private').pathname).toBe('/v1')
  })

  it.each([
    'ftp://host.example/v1',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'not a url',
    'https://user:pass@host.example/v1',
    'https://@host.example/',
    'https://host.example/v1#part',
    'https://host.example/v1?key=1',
    'https://ho%73t.example/v1',
    'https://host.example./v1',
    'https://host.example:0/v1',
    'https:\\\\host.example\\v1',
    'http://127.1/v1',
    'http://0177.0.0.1/v1',
    'http://0x7f000001/v1',
    'http://2130706433/v1',
    'http://127\u30020\u30020\u30021/v1',
    'https://\uff4docalhost/v1',
    'https://host.example/\nv1',
    ' https://host.example/v1',
    '',
  ])('refuses %j from anyone', (text) => {
    expect(refusal(text, 'private')).toMatch(/^The base URL /)
    expect(refusal(text, 'public')).toMatch(/^The base URL /)
  })

  it.each(['http://host.example/v1', 'https://localhost/v1', 'https://models.lan/v1'])(
    'refuses %j from an API caller',
    (text) => {
      expect(refusal(text, 'public')).toMatch(/^The base URL must /)
    },
  )

  it('never repeats the URL, which may hold a secret', () => {
    expect(refusal('https://me:hunter2@host.example', 'private')).not.toContain('hunter2')
  })
})

function url(base: string, path: string): string {
  return upstreamUrl(new URL(base), path).href
}

describe('upstreamUrl', () => {
  it('puts the path below the base', () => {
    expect(url('https://h.example/openai/v1', '/chat/completions')).toBe(
      'https://h.example/openai/v1/chat/completions',
    )
  })

  it('takes a base with or without the first segment of the path', () => {
    expect(url('https://h.example', '/v1/messages')).toBe('https://h.example/v1/messages')
    expect(url('https://h.example/v1', '/v1/messages')).toBe('https://h.example/v1/messages')
    expect(url('https://h.example/api/', '/api/chat')).toBe('https://h.example/api/chat')
  })

  it('keeps a query and adds to it', () => {
    const added = upstreamUrl(new URL('https://h.example'), '/v1/models?limit=9', { a: 'b&c' })
    expect(added.search).toBe('?limit=9&a=b%26c')
  })

  it('keeps what is percent-encoded encoded', () => {
    expect(url('https://h.example', '/models/a%2Fb')).toBe('https://h.example/models/a%2Fb')
  })
})

function vet(addresses: readonly string[], reach: Reach, protocol = 'https:'): () => void {
  return () => vetAddresses(addresses, { reach, protocol })
}

describe('vetAddresses', () => {
  it('lets public addresses pass for everyone over https', () => {
    expect(vet(['8.8.8.8', '2606:4700::1111'], 'public')).not.toThrow()
    expect(vet(['8.8.8.8'], 'private')).not.toThrow()
  })

  it('lets private addresses pass for the operator only', () => {
    expect(vet(['127.0.0.1'], 'private', 'http:')).not.toThrow()
    expect(vet(['127.0.0.1'], 'public')).toThrow(/private/)
    expect(vet(['10.0.0.1'], 'public')).toThrow(/private/)
  })

  it('refuses metadata services even to the operator', () => {
    for (const address of [
      '169.254.169.254',
      'fd00:ec2::254',
      '100.100.100.200',
      '168.63.129.16',
    ]) {
      expect(vet([address], 'private', 'http:')).toThrow(/metadata/)
    }
  })

  it('refuses plain http to a public address, where the key could be read on the way', () => {
    expect(vet(['8.8.8.8'], 'private', 'http:')).toThrow(/plain http/)
  })

  it('refuses all when one of several is bad, as in a rebinding attack', () => {
    expect(vet(['8.8.8.8', '127.0.0.1'], 'public')).toThrow(/private/)
  })

  it('says permission and names no address', () => {
    try {
      vet(['10.9.8.7'], 'public')()
      expect.unreachable()
    } catch (error) {
      expect(error).toMatchObject({ kind: 'permission', code: 'address_forbidden' })
      expect(String(error)).not.toContain('10.9.8.7')
    }
  })
})

describe('isLoopback', () => {
  it.each([
    ['http://127.0.0.1:1', true],
    ['http://127.1.2.3', true],
    ['http://localhost', true],
    ['http://[::1]:8080', true],
    ['http://0x7f.1', true],
    ['http://127.example.com', false],
    ['http://localhost.example.com', false],
    ['http://10.0.0.1', false],
  ])('%s: %s', (url, expected) => {
    expect(isLoopback(new URL(url))).toBe(expected)
  })
})
