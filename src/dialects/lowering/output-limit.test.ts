// The answer's length.
import { describe, expect, it } from 'vitest'
import { outputLimit } from './output-limit.ts'
import { requestWith } from './request.arbitrary.ts'

describe('outputLimit', () => {
  it('fills in a missing limit where the target demands one: nothing is lost by it', () => {
    const { value, notes } = outputLimit({ required: 4096 })(requestWith({}))
    expect(value.maxOutputTokens).toBe(4096)
    expect(notes).toMatchObject([{ action: 'synthesized', weight: 0, to: 4096 }])
  })

  it('keeps the limit of the client', () => {
    const request = requestWith({ maxOutputTokens: 50 })
    expect(outputLimit({ required: 4096, min: 16 })(request).value).toBe(request)
  })

  it('raises a limit that is too small', () => {
    const { value, notes } = outputLimit({ min: 16 })(requestWith({ maxOutputTokens: 1 }))
    expect(value.maxOutputTokens).toBe(16)
    expect(notes).toMatchObject([{ action: 'clamped', weight: 1, from: 1, to: 16 }])
  })

  it('gives no limit where none is demanded', () => {
    const request = requestWith({})
    expect(outputLimit({ min: 16 })(request).value).toBe(request)
  })
})
