// Binary data in JSON, in the forms in which clients send it.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json } from '../wire/json.ts'
import { readBase64 } from './base64.ts'

function read(value: Json): string {
  return readBase64({ value, path: 'images[0]' })
}

describe('readBase64', () => {
  it('takes text as it is', () => {
    expect(read('iVBORw0KGgo=')).toBe('iVBORw0KGgo=')
  })

  it('encodes any Buffer that was printed as JSON', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const buffer: Json = JSON.parse(JSON.stringify(Buffer.from(bytes)))
        expect(read(buffer)).toBe(Buffer.from(bytes).toString('base64'))
      }),
    )
  })

  it.each([
    [{ type: 'Buffer', data: [256] }],
    [{ type: 'Buffer', data: [1.5] }],
    [{ type: 'Buffer', data: ['1'] }],
    [{ type: 'Buffer', data: 'iVBORw0KGgo=' }],
    [{ type: 'Blob', data: [1] }],
    [[137, 80]],
    [null],
    [7],
  ])('refuses %j and says where it stood', (value) => {
    expect(() => read(value)).toThrow('images[0] must be a base64 string')
  })
})
