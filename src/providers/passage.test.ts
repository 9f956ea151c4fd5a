// Which requests pass as they came: only those that say what translation would have said.
import { describe, expect, it } from 'vitest'
import type { Dialect } from '../dialects/dialect.ts'
import { anthropicMessages } from '../dialects/anthropic-messages/dialect.ts'
import { ollama } from '../dialects/ollama/dialect.ts'
import { openaiChat } from '../dialects/openai-chat/dialect.ts'
import type { ChatRequest } from '../canonical/request.ts'
import type { JsonObject } from '../canonical/json.ts'
import { parseJson } from '../wire/json.ts'
import { type Passage, passageOf } from './passage.ts'

interface Asked {
  readonly dialect: Dialect
  readonly text: string
  readonly path?: string
  /** The target's name for the model. Default: the client's. */
  readonly model?: string
  readonly flags?: JsonObject
  /** What stands between the client and the provider may change the request. */
  readonly change?: (request: ChatRequest) => ChatRequest
}

function passage(asked: Asked): Passage | undefined {
  const { dialect, text, flags = {}, change = (request): ChatRequest => request } = asked
  const path = asked.path ?? dialect.endpoints[0]?.path ?? ''
  const body = parseJson(text)
  const decoded = dialect.request.decode({ method: 'POST', path, headers: {}, body })
  const profile = { provider: 'lab', flags }
  const request = change({ ...decoded, model: asked.model ?? decoded.model })
  const wire = dialect.request.encode(dialect.lower(request, profile).value, profile)
  return passageOf({ dialect: dialect.id, path, body, text }, dialect, wire)
}

const CHAT =
  '{ "model":"tiny" ,"seed":12345678901234567890, "x_new":{"a":1,"a":1.50}, "messages":[{"role":"user","content":"h\\u0069"}]}'
const STREAM = CHAT.replace('{ ', '{ "stream":true, ')
const METERED = { streamUsage: 'include_usage' }

describe('passageOf', () => {
  it('lets a request pass as it is, whichever way the client says the path', () => {
    for (const path of ['/v1/chat/completions', '/chat/completions', '/v1/v1/chat/completions']) {
      const passed = passage({ dialect: openaiChat, text: CHAT, path })
      expect(passed).toMatchObject({ lane: 'bytes', text: CHAT })
    }
  })

  it('changes the model and nothing else', () => {
    expect(passage({ dialect: openaiChat, text: CHAT, model: 'vendor/"big"' })).toMatchObject({
      lane: 'patch',
      text: CHAT.replace('"tiny"', '"vendor/\\"big\\""'),
    })
    const messages = '{"max_tokens":1e3,"model":"a","messages":[{"role":"user","content":"hi"}]}'
    expect(passage({ dialect: anthropicMessages, text: messages, model: 'b' })).toMatchObject({
      lane: 'patch',
      text: messages.replace('"a"', '"b"'),
    })
    const chat =
      '{"model":"a","options":{"num_ctx":4096.0},"messages":[{"role":"user","content":"hi"}]}'
    expect(passage({ dialect: ollama, text: chat, model: 'b' })).toMatchObject({
      lane: 'patch',
      text: chat.replace('"a"', '"b"'),
    })
  })

  it('goes out in the bytes that it came in, where they are at hand', () => {
    const body = { model: 'tiny' }
    const text = '{ "model":"tiny" }'
    const bytes = new TextEncoder().encode(text)
    const source = { dialect: openaiChat.id, path: '/x', body, text, bytes }
    const wire = { method: 'POST', path: '/x', headers: {}, body }
    expect(passageOf(source, openaiChat, wire)?.body()).toBe(bytes)
    const other = passageOf(source, openaiChat, { ...wire, body: { model: 'big' } })
    expect(other?.body()).toEqual(new TextEncoder().encode('{ "model":"big" }'))
    const { bytes: _, ...unkept } = source
    expect(passageOf(unkept, openaiChat, wire)?.body()).toBe(text)
  })

  it('asks a stream for its usage, and knows which chunk comes of that', () => {
    const passed = passage({ dialect: openaiChat, text: STREAM, flags: METERED })
    expect(passed).toMatchObject({
      lane: 'patch',
      text: STREAM.replace('{', '{"stream_options":{"include_usage":true},'),
    })
    expect(passed?.unasked({ data: '{"choices":[],"usage":{}}' })).toBe(true)
    expect(passed?.unasked({ data: '{"choices":[{}],"usage":{}}' })).toBe(false)
    const declined = STREAM.replace('{', '{"stream_options":{"include_usage":false,"y":1.0},')
    expect(passage({ dialect: openaiChat, text: declined, flags: METERED })?.text).toBe(
      declined.replace('"include_usage":false', '"include_usage":true'),
    )
  })

  it('leaves the usage to a client that asked for it', () => {
    const asking = STREAM.replace('{', '{"stream_options":{"include_usage":true},')
    const passed = passage({ dialect: openaiChat, text: asking, flags: METERED, model: 'b' })
    expect(passed?.unasked({ data: '{"choices":[],"usage":{}}' })).toBe(false)
    expect(passage({ dialect: openaiChat, text: asking, flags: METERED })?.lane).toBe('bytes')
  })

  it.each<[string, Asked]>([
    [
      'the host wants a key elsewhere',
      {
        dialect: openaiChat,
        text: CHAT.replace('{ ', '{ "max_completion_tokens":5, '),
        flags: { maxTokensField: 'max_tokens' },
      },
    ],
    [
      'a request must be streamed to a host that answers whole',
      {
        dialect: openaiChat,
        text: CHAT,
        change: (request) => ({ ...request, stream: { enabled: true } }),
      },
    ],
    [
      'something has changed what the user says',
      {
        dialect: openaiChat,
        text: CHAT,
        change: (request) => ({
          ...request,
          turns: [{ role: 'user', parts: [{ type: 'text', text: 'hush' }] }],
        }),
      },
    ],
    [
      'something has taken a setting away',
      { dialect: openaiChat, text: CHAT, change: (request) => ({ ...request, sampling: {} }) },
    ],
    [
      'a key stands there twice, so that two readers could differ',
      { dialect: openaiChat, text: CHAT.replace('{ ', '{ "model":"cheap", ') },
    ],
    [
      'a key stands there twice in two spellings',
      { dialect: openaiChat, text: CHAT.replace('{ ', '{ "mod\\u0065l":"cheap", ') },
    ],
    [
      'usage is declined and asked for at once',
      {
        dialect: openaiChat,
        text: STREAM.replace(
          '{',
          '{"stream_options":{"include_usage":false,"include_usage":true},',
        ),
        flags: METERED,
      },
    ],
  ])('translates when %s', (_, asked) => {
    expect(passage(asked)).toBeUndefined()
  })

  it('translates between endpoints of one dialect, dialects, and for callers without a message', () => {
    const body = { model: 'tiny' }
    const wire = { method: 'POST', path: '/api/generate', headers: {}, body }
    const source = { dialect: ollama.id, path: '/api/chat', body, text: '{"model":"tiny"}' }
    expect(passageOf(source, ollama, wire)).toBeUndefined()
    expect(passageOf({ ...source, path: '/api/generate' }, ollama, wire)?.lane).toBe('bytes')
    expect(passageOf({ ...source, dialect: openaiChat.id }, ollama, wire)).toBeUndefined()
    expect(passageOf(undefined, ollama, wire)).toBeUndefined()
  })

  it('passes nothing changed where the dialect names no key that may be', () => {
    const { patchable: _, ...strict } = anthropicMessages
    const text = '{"model":"a","max_tokens":5,"messages":[{"role":"user","content":"hi"}]}'
    expect(passage({ dialect: strict, text })?.lane).toBe('bytes')
    expect(passage({ dialect: strict, text, model: 'b' })).toBeUndefined()
  })
})
