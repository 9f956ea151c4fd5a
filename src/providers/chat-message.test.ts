// The library's messages and options, to the canonical request and back.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ChatMessage, fromChatRequest, messageText, toChatRequest } from './chat-message.ts'
import { fromChatAnswer, textAnswer, toChatAnswer } from './chat-answer.ts'

const CALL = { id: 'c1', name: 'look', arguments: '{"at":"sky"}', json: { at: 'sky' } }

describe('toChatRequest', () => {
  it('puts every option where the model has it', () => {
    const request = toChatRequest([{ role: 'user', content: 'hi' }], 'm', {
      systemPrompt: 'be kind',
      temperature: 0.1,
      topP: 0.2,
      topK: 3,
      seed: 4,
      stop: ['x'],
      presencePenalty: 0.5,
      frequencyPenalty: 0.6,
      maxTokens: 7,
      parallelToolCalls: false,
      responseFormat: { type: 'json' },
      reasoning: { effort: 'low' },
      user: 'u',
    })
    expect(request).toEqual({
      origin: { dialect: 'library' },
      model: 'm',
      turns: [
        { role: 'system', place: 'top', parts: [{ type: 'text', text: 'be kind' }] },
        { role: 'user', parts: [{ type: 'text', text: 'hi' }] },
      ],
      parallelToolCalls: false,
      sampling: {
        temperature: 0.1,
        topP: 0.2,
        topK: 3,
        seed: 4,
        stop: ['x'],
        presencePenalty: 0.5,
        frequencyPenalty: 0.6,
      },
      maxOutputTokens: 7,
      output: { format: { type: 'json' } },
      reasoning: { effort: 'low' },
      stream: { enabled: false },
      identity: { user: 'u' },
    })
  })

  it('makes calls and results of a tool round', () => {
    const request = toChatRequest(
      [
        { role: 'assistant', content: '', toolCalls: [CALL] },
        { role: 'tool', content: 'blue', toolCallId: 'c1', name: 'look' },
      ],
      'm',
    )
    expect(request.turns).toEqual([
      {
        role: 'assistant',
        parts: [
          {
            type: 'tool-call',
            kind: 'function',
            callId: 'c1',
            name: 'look',
            arguments: { text: '{"at":"sky"}', json: { at: 'sky' } },
          },
        ],
      },
      {
        role: 'tool',
        parts: [
          {
            type: 'tool-result',
            callId: 'c1',
            name: 'look',
            content: [{ type: 'text', text: 'blue' }],
          },
        ],
      },
    ])
  })
})

describe('fromChatRequest', () => {
  const text = fc.record({
    role: fc.constantFrom('user' as const, 'assistant' as const, 'system' as const),
    content: fc.string(),
  })
  const calling = fc.constant<ChatMessage>({ role: 'assistant', content: 'so', toolCalls: [CALL] })
  const result = fc.string().map<ChatMessage>((content) => ({
    role: 'tool',
    content,
    toolCallId: 'c1',
  }))

  it('gives back the messages that a request was made of', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(text, calling, result)), (messages) => {
        expect(fromChatRequest(toChatRequest(messages, 'm')).messages).toEqual(messages)
      }),
    )
  })

  it('gives back the options', () => {
    const options = { temperature: 1, maxTokens: 5, stop: ['a'], user: 'u', seed: 0 }
    expect(fromChatRequest(toChatRequest([], 'm', options)).options).toEqual(options)
  })

  it('parts tool results from the words beside them', () => {
    const result = { type: 'tool-result', callId: 'c1', content: [] } as const
    const request = {
      ...toChatRequest([], 'm'),
      turns: [{ role: 'user', parts: [result, { type: 'text', text: 'and?' }] } as const],
    }
    expect(fromChatRequest(request).messages).toEqual([
      { role: 'tool', content: '', toolCallId: 'c1' },
      { role: 'user', content: 'and?' },
    ])
  })
})

describe('answers', () => {
  it('say the first candidate and keep the rest', () => {
    const raw = fromChatAnswer({ content: 'hi', toolCalls: [CALL], tokensUsed: 3 }, 'm')
    expect(toChatAnswer(raw, { provider: 'p', latencyMs: 4, notes: [] })).toEqual({
      content: 'hi',
      model: 'm',
      provider: 'p',
      tokensUsed: 3,
      latencyMs: 4,
      finishReason: 'tool-calls',
      usage: { total: 3 },
      toolCalls: [CALL],
      parts: raw.candidates[0]?.parts,
      notes: [],
      raw,
    })
  })

  it('have no number of tokens where nobody counted', () => {
    const raw = fromChatAnswer({ content: '' }, 'm')
    const answer = toChatAnswer(raw, { provider: 'p', latencyMs: 0, notes: [] })
    expect('tokensUsed' in answer).toBe(false)
    expect(answer.content).toBe('')
  })

  it('of a plugin are filled in from its text', () => {
    expect(textAnswer({ content: 'hi' })).toEqual({
      content: 'hi',
      model: '',
      provider: '',
      latencyMs: 0,
      toolCalls: [],
      notes: [],
      parts: [{ type: 'text', text: 'hi' }],
    })
  })
})

describe('messageText', () => {
  it('is the text of a message, its parts joined and what is no text left out', () => {
    expect(messageText({ role: 'user', content: 'hi' })).toBe('hi')
    const image = { type: 'image', source: { kind: 'url', url: 'x' } } as const
    const content = [
      { type: 'text', text: 'a' } as const,
      image,
      { type: 'text', text: 'b' } as const,
    ]
    expect(messageText({ role: 'user', content })).toBe('ab')
  })

  it('is empty where there is none', () => {
    expect(messageText(undefined)).toBe('')
    expect(messageText({ role: 'assistant', content: [] })).toBe('')
  })
})

describe('textAnswer', () => {
  it('takes the bare text', () => {
    expect(textAnswer('hi')).toEqual(textAnswer({ content: 'hi' }))
    expect(textAnswer('hi')).toMatchObject({ content: 'hi', parts: [{ type: 'text', text: 'hi' }] })
  })
})
