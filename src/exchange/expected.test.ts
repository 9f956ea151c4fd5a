// Replies that belong to another operation than the one that was asked for.
import { describe, expect, it } from 'vitest'
import type { Reply } from './exchange.ts'
import { chatReply, countReply, embedReply } from './expected.ts'

const origin = { dialect: 'test' }
const whole: Reply = { kind: 'whole', response: { origin, model: 'm', candidates: [] }, notes: [] }
const vectors: Reply = { kind: 'vectors', response: { origin, model: 'm', vectors: [] }, notes: [] }
const count: Reply = { kind: 'count', count: { inputTokens: 1, exact: true }, notes: [] }

describe('a reply', () => {
  it('passes where it is of the kind that was asked for', () => {
    expect(chatReply(whole)).toBe(whole)
    expect(embedReply(vectors)).toBe(vectors)
    expect(countReply(count)).toBe(count)
  })

  it('is refused as our own mistake where it is of another', () => {
    const mistaken = expect.objectContaining({ kind: 'internal', code: 'mistaken_reply' })
    expect(() => chatReply(vectors)).toThrow(mistaken)
    expect(() => embedReply(count)).toThrow(mistaken)
    expect(() => countReply(whole)).toThrow(mistaken)
  })
})
