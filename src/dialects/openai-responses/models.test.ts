// The model list.
import { describe, expect, it } from 'vitest'
import { openaiResponses } from './dialect.ts'

const { models } = openaiResponses

describe('the model list', () => {
  it('comes back as it was, known fields and others', () => {
    const list = {
      object: 'list',
      data: [
        { id: 'a', object: 'model', created: 5, owned_by: 'me', x: 1 },
        { id: 'b', created: null },
      ],
    }
    expect(models.encodeList(models.decodeList(list))).toEqual(list)
    expect(models.decodeList(list)[0]).toMatchObject({ id: 'a', createdMs: 5000, ownedBy: 'me' })
  })

  it('passes over what is no model', () => {
    expect(models.decodeList({ data: [{}, { id: '' }, null, { id: 'a' }] })).toHaveLength(1)
  })

  it('fills in what the SDKs want', () => {
    expect(models.encodeOne({ id: 'a', createdMs: 1999 })).toEqual({
      id: 'a',
      object: 'model',
      created: 1,
      owned_by: 'system',
    })
    expect(models.encodeOne({ id: 'a' })).toMatchObject({ created: 0 })
  })

  it.each([null, 5, {}, { data: 'x' }])('refuses %o', (body) => {
    expect(() => models.decodeList(body)).toThrow(
      expect.objectContaining({ code: 'upstream_malformed' }),
    )
  })
})
