// Bodies without a path: where they would be sent, and which dialect they can only be of.
import { describe, expect, it } from 'vitest'
import { fixturesOf } from '../../test/fixtures.ts'
import { chatCall, dialectsOf } from './chat-call.ts'
import type { Dialect } from './dialect.ts'
import { dialectById, dialects } from './registry.ts'

function dialect(id: string): Dialect {
  const found = dialectById(id)
  if (found === undefined) throw new Error(`there is no dialect ${id}`)
  return found
}

describe('a body without its path', () => {
  const messages = [{ role: 'user', content: 'hi' }]

  it.each<[string, Parameters<typeof chatCall>[1], { path: string; body: unknown }]>([
    [
      'openai-chat',
      { body: { messages }, model: 'a/b' },
      { path: '/v1/chat/completions', body: { model: 'a/b', messages } },
    ],
    [
      'openai-chat',
      { body: { model: 'own', messages }, model: 'other' },
      { path: '/v1/chat/completions', body: { model: 'own', messages } },
    ],
    [
      'gemini',
      { body: { contents: [] }, model: 'a/b' },
      { path: '/v1beta/models/a%2Fb:generateContent', body: { contents: [] } },
    ],
    ['ollama', { body: { messages } }, { path: '/api/chat', body: { messages } }],
    ['ollama', { body: { prompt: 'hi' } }, { path: '/api/generate', body: { prompt: 'hi' } }],
    ['mistral-chat', { body: { messages } }, { path: '/v1/chat/completions', body: { messages } }],
    ['openai-chat', { body: [], model: 'm' }, { path: '/v1/chat/completions', body: [] }],
    ['openai-chat', { body: {}, path: '/elsewhere' }, { path: '/elsewhere', body: {} }],
  ])('of %s goes where its clients send it', (id, chat, expected) => {
    expect(chatCall(dialect(id), chat)).toMatchObject({ method: 'POST', headers: {}, ...expected })
  })
})

describe('the marks of a body', () => {
  it.each(dialects.map(({ id }) => id))('of %s are in no fixture of another', (id) => {
    const requests = fixturesOf(id).flatMap(({ name, request }) =>
      request === undefined ? [] : [{ name, request }],
    )
    const known = requests.filter(({ request }) => dialectsOf(request, dialects).length > 0)
    for (const { name, request } of known) {
      const found = dialectsOf(request, dialects).map((one) => one.id)
      expect({ name, found }).toEqual({ name, found: [id] })
    }
    expect(known.length).toBeGreaterThan(0)
  })

  it('are none in what several could have sent, nor in what is no object', () => {
    const plain = { model: 'm', max_tokens: 5, messages: [{ role: 'user', content: 'hi' }] }
    expect(dialectsOf(plain, dialects)).toEqual([])
    expect(dialectsOf([plain], dialects)).toEqual([])
    expect(dialectsOf('contents', dialects)).toEqual([])
  })

  it('are looked for in the body itself, not in what every object has', () => {
    const odd = { ...dialect('gemini'), marks: [['constructor'], ['toString']] }
    expect(dialectsOf({ a: 1 }, [odd])).toEqual([])
  })
})
