// Model lists, read and written.
import { describe, expect, it } from 'vitest'
import { modelsCodec } from './models.ts'

const ENTRY = {
  type: 'model',
  id: 'claude-x',
  display_name: 'Claude X',
  created_at: '2026-06-29T00:00:00Z',
  max_input_tokens: 1_000_000,
  max_tokens: 128_000,
  capabilities: { image_input: { supported: true }, thinking: { supported: false } },
}

describe('the model list', () => {
  it('is read with limits and capabilities, and each entry comes back as it was', () => {
    const [card] = modelsCodec.decodeList({ data: [ENTRY], has_more: false })
    expect(card).toMatchObject({
      id: 'claude-x',
      name: 'Claude X',
      createdMs: Date.UTC(2026, 5, 29),
      contextTokens: 1_000_000,
      maxOutputTokens: 128_000,
      capabilities: ['tools', 'vision'],
    })
    expect(card === undefined ? undefined : modelsCodec.encodeOne(card)).toEqual(ENTRY)
  })

  it("reads the other protocol's entries that compatible servers send", () => {
    const body = { object: 'list', data: [{ id: 'm', object: 'model', created: 1_700_000_000 }] }
    expect(modelsCodec.decodeList(body)).toMatchObject([{ id: 'm', createdMs: 1_700_000_000_000 }])
  })

  it('is written as one page, with names and dates that clients expect', () => {
    expect(
      modelsCodec.encodeList([{ id: 'a/x' }, { id: 'b/y', name: 'Y', createdMs: 1000 }]),
    ).toEqual({
      data: [
        { type: 'model', id: 'a/x', display_name: 'a/x', created_at: '1970-01-01T00:00:00Z' },
        { type: 'model', id: 'b/y', display_name: 'Y', created_at: '1970-01-01T00:00:01Z' },
      ],
      has_more: false,
      first_id: 'a/x',
      last_id: 'b/y',
    })
    expect(modelsCodec.encodeList([])).toMatchObject({ data: [], first_id: null, last_id: null })
  })

  it('refuses what is no list', () => {
    expect(() => modelsCodec.decodeList({ models: [] })).toThrow('data is missing')
    expect(() => modelsCodec.decodeList({ data: [{}] })).toThrow('data[0].id is missing')
  })
})
