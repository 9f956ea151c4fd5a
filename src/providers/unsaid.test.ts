// What a plugin is not told is noted, so that nothing is lost in silence; what it is told is not.
import { describe, expect, it } from 'vitest'
import type { ChatRequest } from '../canonical/request.ts'
import { toChatRequest } from './chat-message.ts'
import { unsaid } from './unsaid.ts'

const everything = toChatRequest([{ role: 'user', content: 'hi', name: 'ada' }], 'm', {
  systemPrompt: 'Be kind.',
  temperature: 1,
  topP: 0.5,
  topK: 3,
  seed: 1,
  stop: ['END'],
  presencePenalty: 0.1,
  frequencyPenalty: 0.1,
  maxTokens: 5,
  tools: [{ kind: 'function', name: 'f', strict: true, cache: {} }],
  toolChoice: { mode: 'required' },
  parallelToolCalls: false,
  responseFormat: { type: 'json-schema', schema: { type: 'object' } },
  reasoning: { effort: 'low' },
  user: 'ada',
})

describe('what a plugin is not told', () => {
  it('is nothing of what the library can say', () => {
    expect(unsaid(everything)).toEqual([])
  })

  it.each<[string, number, Partial<ChatRequest>]>([
    ['n', 3, { sampling: { n: 2 } }],
    ['logit_bias', 2, { sampling: { logitBias: { '5': 1 } } }],
    ['min_p', 2, { sampling: { minP: 0.1 } }],
    ['verbosity', 2, { output: { verbosity: 'low' } }],
    ['prediction', 1, { output: { prediction: [{ type: 'text', text: 'x' }] } }],
    ['caching', 1, { caching: { key: 'k' } }],
    ['metadata', 1, { identity: { metadata: { a: 'b' } } }],
    ['service_tier', 1, { service: { tier: 'flex' } }],
    ['region', 4, { service: { region: 'eu' } }],
  ])('is %s, of weight %i', (feature, weight, more) => {
    expect(unsaid({ ...everything, ...more })).toMatchObject([{ feature, weight }])
  })

  it("is the fields of the client's own protocol, at every node but parts and tools", () => {
    const extensions = { dialect: { fields: { odd: 1 } } }
    const turns = everything.turns.map((turn) => ({ ...turn, extensions }))
    expect(unsaid({ ...everything, turns, extensions }).map(({ path }) => path)).toEqual([
      'odd',
      'turns[0].odd',
      'turns[1].odd',
    ])
  })
})
