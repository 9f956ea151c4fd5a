// Embeddings of this protocol: the contract that all share, over both of its calls.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { count, merged, some, text, unknown, vector, vectors } from '../embeddings.arbitrary.ts'
import { codecOf, embeddingsContract } from '../embeddings.contract.ts'
import { ollama } from './dialect.ts'

const settings = { keep_alive: fc.oneof(text, count), options: unknown }

const current = fc.record({
  path: fc.constant('/api/embed'),
  request: merged(
    fc.record({ model: text, input: fc.oneof(text, fc.array(text, { maxLength: 3 })) }),
    some({ truncate: fc.boolean(), dimensions: count, ...settings }),
    unknown,
  ),
  response: merged(
    fc.record({ model: text, embeddings: vectors(2) }),
    some({ total_duration: count, load_duration: count, prompt_eval_count: count }),
    unknown,
  ),
})

const legacy = fc.record({
  path: fc.constant('/api/embeddings'),
  request: merged(fc.record({ model: text, prompt: text }), some(settings), unknown),
  response: merged(fc.record({ embedding: vector }), unknown),
})

embeddingsContract({
  dialect: ollama,
  paths: ['/api/embed', '/api/embeddings'],
  exchanges: fc.oneof(current, legacy),
})

describe('embeddings of another protocol, asked of Ollama', () => {
  const codec = codecOf(ollama)
  const request = {
    origin: { dialect: 'other' },
    model: 'm',
    inputs: [{ type: 'text', text: 'a' }],
  } as const

  it('are not cut in silence: a text that is too long is refused, as its client expects', () => {
    const { value, notes } = codec.lower(request, { provider: 'p', flags: {} })
    expect(codec.request.encode(value, { provider: 'p', flags: {} }).body).toEqual({
      model: 'm',
      input: ['a'],
      truncate: false,
    })
    expect(notes).toEqual([])
    expect(codec.lower(value, { provider: 'p', flags: {} })).toEqual({ value, notes: [] })
  })

  it('may be cut where the client says so', () => {
    const { value } = codec.lower({ ...request, truncate: true }, { provider: 'p', flags: {} })
    expect(value.truncate).toBe(true)
  })

  it('have no counts where the server gave none', () => {
    const response = { origin: { dialect: 'other' }, model: 'm', vectors: [] }
    const { value } = codec.response.encode(response, { request, requestId: 'r' })
    expect(value.body).toEqual({ model: 'm', embeddings: [] })
  })
})
