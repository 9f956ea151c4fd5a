// File types by first bytes, and data URLs.
import { describe, expect, it } from 'vitest'
import { readDataUrl, sniffMediaType } from './media-type.ts'

function base64(...bytes: readonly (number | string)[]): string {
  return btoa(
    bytes.map((byte) => (typeof byte === 'string' ? byte : String.fromCharCode(byte))).join(''),
  )
}

describe('sniffMediaType', () => {
  it.each([
    ['image/png', base64(0x89, 'PNG\r\n', 0x1a, '\n rest')],
    ['image/jpeg', base64(0xff, 0xd8, 0xff, 0xe0, ' JFIF')],
    ['image/jpeg', base64(0xff, 0xd8, 0xff, 0xdb, ' raw')],
    ['image/gif', base64('GIF87a rest')],
    ['image/gif', base64('GIF89a rest')],
    ['image/webp', base64('RIFF', 1, 2, 3, 4, 'WEBPVP8 ')],
    ['audio/wav', base64('RIFF', 200, 2, 3, 4, 'WAVEfmt ')],
    ['application/pdf', base64('%PDF-1.7 rest')],
  ])('knows %s', (mediaType, data) => {
    expect(sniffMediaType(data)).toBe(mediaType)
  })

  it.each(['', 'AAAA', base64('RIFF', 1, 2, 3, 4, 'AVI '), base64('GIF90a'), 'not base64!'])(
    'does not guess at %j',
    (data) => {
      expect(sniffMediaType(data)).toBeUndefined()
    },
  )
})

describe('readDataUrl', () => {
  it('reads the type and the data', () => {
    expect(readDataUrl('data:image/png;base64,AAAA')).toEqual({
      mediaType: 'image/png',
      data: 'AAAA',
    })
    expect(readDataUrl('DATA:image/png;name=a.png;BASE64,AAAA')).toEqual({
      mediaType: 'image/png',
      data: 'AAAA',
    })
  })

  it('reads data without a type', () => {
    expect(readDataUrl('data:;base64,AAAA')).toEqual({ data: 'AAAA' })
  })

  it.each(['https://a.example/x;base64,AAAA', 'data:text/plain,hello', 'data:base64', ''])(
    'is undefined for %j',
    (url) => {
      expect(readDataUrl(url)).toBeUndefined()
    },
  )
})
