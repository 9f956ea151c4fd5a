// Lists of models in pages: all of them, and an end in any case.
import { describe, expect, it } from 'vitest'
import { anthropicMessages } from '../dialects/anthropic-messages/dialect.ts'
import { gemini } from '../dialects/gemini/dialect.ts'
import { openaiChat } from '../dialects/openai-chat/dialect.ts'
import { type PageQuery, listedModels } from './listed-models.ts'

describe('a list in pages', () => {
  it('is read to its end, each page by the cursor of the one before', async () => {
    const asked: PageQuery[] = []
    const cards = await listedModels(anthropicMessages.models, async (query) => {
      asked.push(query)
      const page = asked.length
      return { data: [{ type: 'model', id: `m${page}` }], has_more: page < 3, last_id: `m${page}` }
    })
    expect(cards.map(({ id }) => id)).toEqual(['m1', 'm2', 'm3'])
    expect(asked).toEqual([{}, { after_id: 'm1' }, { after_id: 'm2' }])
  })

  it('is read by tokens of pages too', async () => {
    const asked: PageQuery[] = []
    const cards = await listedModels(gemini.models, async (query) => {
      asked.push(query)
      const models = [{ name: `models/g${asked.length}` }]
      return asked.length === 1 ? { models, nextPageToken: 'two' } : { models }
    })
    expect(cards.map(({ id }) => id)).toEqual(['g1', 'g2'])
    expect(asked).toEqual([{}, { pageToken: 'two' }])
  })

  it.each([
    ['repeats its cursor', { data: [{ type: 'model', id: 'm' }], has_more: true, last_id: 'm' }, 2],
    ['promises more without a cursor', { data: [], has_more: true, last_id: null }, 1],
    ['has no pages', { data: [] }, 1],
  ])('ends where the host %s', async (_, body, pages) => {
    let asked = 0
    await listedModels(anthropicMessages.models, async () => {
      asked += 1
      return body
    })
    expect(asked).toBe(pages)
  })

  it('ends after fifty pages', async () => {
    let asked = 0
    await listedModels(gemini.models, async () => {
      asked += 1
      return { models: [], nextPageToken: String(asked) }
    })
    expect(asked).toBe(50)
  })

  it('is one page where the protocol has no pages', async () => {
    const cards = await listedModels(openaiChat.models, async () => ({ data: [{ id: 'a' }] }))
    expect(cards).toHaveLength(1)
  })
})
