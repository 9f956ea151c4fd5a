// What is read from a request, and what is refused with the place where it went wrong.
import { describe, expect, it } from 'vitest'
import type { Part } from '../../canonical/part.ts'
import type { ChatRequest } from '../../canonical/request.ts'
import { type Json, type JsonObject, isObject } from '../../wire/json.ts'
import { plain } from '../dialect.contract.ts'
import { wrapSeal } from '../lowering/seal.ts'
import { requestWith } from '../lowering/request.arbitrary.ts'
import { mistralChat } from './dialect.ts'

const PROFILE = { provider: 'host', flags: {} }

function decode(body: JsonObject): ChatRequest {
  const whole = { model: 'm', messages: [], ...body }
  return mistralChat.request.decode({ method: 'POST', path: '', headers: {}, body: whole })
}

/** What the chunks of a message are, without how they were spelled. */
function chunks(...content: readonly Json[]): readonly Json[] {
  const { turns } = decode({ messages: [{ role: 'user', content }] })
  return (turns[0]?.parts ?? []).map((part) => {
    const bare: Json = JSON.parse(JSON.stringify({ ...part, extensions: undefined }))
    return bare
  })
}

function again(request: ChatRequest): Json | undefined {
  return plain(mistralChat.request.encode(request, PROFILE).body)
}

function thinking(more: JsonObject): readonly Json[] {
  return chunks({ type: 'thinking', thinking: [{ type: 'text', text: 'hm' }], ...more })
}

function calling(id: Json | undefined): JsonObject {
  const named = id === undefined ? {} : { id }
  return {
    role: 'assistant',
    tool_calls: [{ ...named, function: { name: 'f', arguments: {} } }],
  }
}

function ids(request: ChatRequest): readonly string[] {
  return request.turns.flatMap(({ parts }) =>
    parts.flatMap((part) => ('callId' in part ? [part.callId] : [])),
  )
}

describe('settings', () => {
  it('have their canonical names', () => {
    const { origin, sampling, maxOutputTokens, caching, identity, toolChoice } = decode({
      random_seed: 7,
      top_p: 0.5,
      max_tokens: 9,
      stop: 'END',
      prompt_cache_key: 'k',
      metadata: { a: 1 },
      tool_choice: 'any',
    })
    expect(origin).toEqual({ dialect: 'mistral-chat' })
    expect(sampling).toEqual({ seed: 7, topP: 0.5, stop: ['END'] })
    expect({ maxOutputTokens, caching, identity }).toEqual({
      maxOutputTokens: 9,
      caching: { key: 'k' },
      identity: { metadata: { a: 1 } },
    })
    expect(toolChoice).toEqual({ mode: 'required' })
  })

  it.each([
    [{ reasoning_effort: 'high' }, { effort: 'high' }],
    [{ prompt_mode: 'reasoning' }, { mode: 'on' }],
    [
      { prompt_mode: 'reasoning', reasoning_effort: 'low' },
      { mode: 'on', effort: 'low' },
    ],
  ])('%j is a wish to think', (body, reasoning) => {
    expect(decode(body).reasoning).toMatchObject(reasoning)
  })

  it('keep words that are unknown where they were', () => {
    const body = { reasoning_effort: 'extreme', prompt_mode: 'poetry', tool_choice: 'perhaps' }
    const request = decode(body)
    expect([request.reasoning, request.toolChoice]).toEqual([undefined, undefined])
    expect(again(request)).toEqual({ model: 'm', messages: [], ...body })
  })

  it('keep safety for Mistral alone, and count safe_prompt that is off as nothing', () => {
    const unsafe = decode({ safe_prompt: false })
    expect(unsafe.extensions?.['mistral-chat']?.fields).toBeUndefined()
    expect(again(unsafe)).toEqual({ model: 'm', messages: [], safe_prompt: false })
    const safe = decode({ safe_prompt: true, guardrails: [] })
    expect(safe.extensions?.['mistral-chat']?.fields).toEqual({ safe_prompt: true, guardrails: [] })
  })
})

describe('chunks', () => {
  it('are images by address or data, as a string or an object', () => {
    const url = 'https://a.example/b.png'
    const data = 'data:image/png;base64,AAAA'
    expect(
      chunks(
        { type: 'image_url', image_url: url },
        { type: 'image_url', image_url: { url: data, detail: 'low' } },
      ),
    ).toEqual([
      { type: 'image', source: { kind: 'url', url } },
      {
        type: 'image',
        source: { kind: 'base64', data: 'AAAA', mediaType: 'image/png' },
        detail: 'low',
      },
    ])
  })

  it('are documents and files', () => {
    const url = 'https://a.example/b.pdf'
    expect(
      chunks(
        { type: 'document_url', document_url: url, document_name: 'b.pdf' },
        { type: 'file', file_id: 'f-1' },
      ),
    ).toEqual([
      { type: 'file', source: { kind: 'url', url }, filename: 'b.pdf' },
      { type: 'file', source: { kind: 'file', id: 'f-1', dialect: 'mistral-chat' } },
    ])
  })

  it('are sounds whose kind is told or found by the first bytes', () => {
    const wav = 'UklGRiQAAABXQVZF'
    expect(
      chunks(
        { type: 'input_audio', input_audio: wav },
        { type: 'input_audio', input_audio: { data: 'AAAA', format: 'mp3' } },
        { type: 'input_audio', input_audio: 'https://a.example/b.wav' },
      ).map((part) => isObject(part) && part['source']),
    ).toEqual([
      { kind: 'base64', data: wav, mediaType: 'audio/wav' },
      { kind: 'base64', data: 'AAAA', mediaType: 'audio/mpeg' },
      { kind: 'url', url: 'https://a.example/b.wav' },
    ])
  })

  it('of a kind or form that is unknown are kept whole', () => {
    const strange: readonly Json[] = [
      { type: 'reference', reference_ids: [1] },
      { type: 'hologram', at: 1 },
      { type: 'document_url', document_url: { url: 'x' } },
      { type: 'thinking', thinking: 7 },
    ]
    const read = chunks(...strange)
    expect(read.map((part) => isObject(part) && part['type'])).toEqual(strange.map(() => 'opaque'))
    expect(read.map((part) => isObject(part) && part['native'])).toEqual(strange)
  })
})

describe('thinking', () => {
  it('is reasoning, signed by Mistral', () => {
    expect(thinking({ signature: 's', closed: true })).toEqual([
      {
        type: 'reasoning',
        text: 'hm',
        seal: { payload: 's', format: 'mistral.signature', origin: { dialect: 'mistral-chat' } },
      },
    ])
  })

  it('brings back the seal of another provider, and drops one that was altered', () => {
    const seal = { payload: 'p', format: 'f', origin: { dialect: 'alpha', provider: 'one' } }
    const envelope = wrapSeal(seal)
    expect(thinking({ signature: envelope })).toEqual([{ type: 'reasoning', text: 'hm', seal }])
    expect(thinking({ signature: `${envelope}x` })).toEqual([{ type: 'reasoning', text: 'hm' }])
  })

  it('is read beside its references', () => {
    const list = [
      { type: 'text', text: 'a' },
      { type: 'reference', reference_ids: [1] },
    ]
    expect(chunks({ type: 'thinking', thinking: list })).toEqual([{ type: 'reasoning', text: 'a' }])
  })
})

describe('calls and results', () => {
  it.each([[undefined], [null], [''], ['null']])(
    'find each other without an id (%j), and say it again as it was',
    (id) => {
      const result = {
        role: 'tool',
        content: 'r',
        ...(id === undefined ? {} : { tool_call_id: id }),
      }
      const messages = [calling(id), result]
      const request = decode({ messages })
      const [one, other] = ids(request)
      expect(one).toMatch(/^[A-Za-z0-9]{9}$/)
      expect(other).toBe(one)
      expect(again(request)).toEqual({ model: 'm', messages })
    },
  )

  it('read arguments as text or as the object', () => {
    const calls = ['{"a": 1}', { a: 1 }].map((said, at) => ({
      id: `aaaaaaaa${at}`,
      function: { name: 'f', arguments: said },
    }))
    const { turns } = decode({ messages: [{ role: 'assistant', tool_calls: calls }] })
    expect(turns[0]?.parts.map((part) => 'arguments' in part && part.arguments)).toEqual([
      { text: '{"a": 1}', json: { a: 1 } },
      { text: '{"a":1}', json: { a: 1 } },
    ])
  })

  it.each([
    [{ messages: [{ role: 'tool', content: 'r' }] }, 'messages[0].tool_call_id'],
    [{ messages: [{ role: 'robot', content: 'r' }] }, 'messages[0].role'],
    [{ messages: [{ role: 'user', content: [{ type: 'text' }] }] }, 'messages[0].content[0].text'],
    [{ stop: [1] }, 'stop[0]'],
    [{ tools: [{ type: 'function' }] }, 'tools[0].function'],
  ])('%j is refused with its place', (body, path) => {
    expect(() => decode(body)).toThrow(path)
  })
})

describe('what lower has not seen', () => {
  it('is refused rather than said wrongly', () => {
    const video: Part = { type: 'video', source: { kind: 'url', url: 'https://a.example/b' } }
    expect(() => again(requestWith({ turns: [{ role: 'user', parts: [video] }] }))).toThrow(
      '"video"',
    )
    expect(() => again(requestWith({ tools: [{ kind: 'custom', name: 'free' }] }))).toThrow(
      '"free"',
    )
    expect(() => again(requestWith({ turns: [{ role: 'tool', parts: [video] }] }))).toThrow(
      'tool result',
    )
  })
})
