// Pictures, documents and sound: each arrives as what it is, or is refused by name.
import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../src/wire/json.ts'
import { whole } from './said.ts'
import { dig, useSwitchboard } from './switchboard.ts'

const board = useSwitchboard()
const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const JPEG =
  '/9j/4AAQSkZJRgABAQEAYABgAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDBkSEw8UHRofHh0aHBwgJC4nICIsIxwcKDcpLDAxNDQ0Hyc5PTgyPC4zNDI='
const PDF = 'JVBERi0xLjQKJcOkw7zDtsOfCjIgMCBvYmoKPDwvTGVuZ3RoIDMgMCBSPj4Kc3RyZWFtCg=='

async function sent(to: string, part: JsonObject) {
  const body = {
    messages: [{ role: 'user', content: [{ type: 'text', text: 'What is this?' }, part] }],
  }
  return board.ask({ from: 'openai-chat', to, body })
}

const sound = (format: string): JsonObject => ({
  type: 'input_audio',
  input_audio: { data: 'SUQzBAAAAAAA', format },
})

describe('sound', () => {
  it.each([
    ['mp3', 'audio/mpeg'],
    ['wav', 'audio/wav'],
  ])('as %s is %s for Gemini [PB-114]', async (format, mimeType) => {
    const told = await sent('gemini', sound(format))
    expect(dig(told.sent[0], 'contents.0.parts.1.inlineData')).toEqual({
      mimeType,
      data: 'SUQzBAAAAAAA',
    })
  })

  it.each(['anthropic-messages', 'openai-responses', 'ollama'])(
    'is refused by %s, by its place, before any call [PB-114]',
    async (to) => {
      const told = await sent(to, sound('mp3'))
      expect([told.status, told.sent]).toEqual([400, []])
      expect(dig(told.json, 'error.message')).toContain('audio would be dropped')
      expect(dig(told.json, 'error.param')).toBe('messages')
    },
  )

  it.each(['anthropic-messages', 'openai-responses', 'gemini', 'ollama'] as const)(
    'in an answer is its words for a client of %s, where it has no sound [PB-114]',
    async (from) => {
      const message = {
        role: 'assistant',
        content: null,
        audio: { id: 'audio_1', data: 'SUQz', transcript: 'Good morning.', expires_at: 1 },
      }
      const reply = whole({
        id: 'c',
        object: 'chat.completion',
        created: 1,
        model: 'm',
        choices: [{ index: 0, message, finish_reason: 'stop' }],
      })
      const bodies = {
        'anthropic-messages': { messages: [{ role: 'user', content: 'go' }] },
        'openai-responses': { input: 'go' },
        gemini: { contents: [{ role: 'user', parts: [{ text: 'go' }] }] },
        ollama: { messages: [{ role: 'user', content: 'go' }] },
      }
      const told = await board.ask({ from, to: 'openai-chat', body: bodies[from], reply })
      expect(told.status).toBe(200)
      // A Responses answer has no place for either: that is told.
      if (from === 'openai-responses')
        expect(told.headers.get('x-patchbay-notes')).toMatch(/dropped.*audio/)
      else expect(told.text).toMatch(/Good morning\.|SUQz/)
    },
  )
})

describe('a document', () => {
  const file = {
    type: 'file',
    file: { filename: 'a.pdf', file_data: `data:application/pdf;base64,${PDF}` },
  }
  const asImage = { type: 'image_url', image_url: { url: `data:application/pdf;base64,${PDF}` } }

  it.each([
    ['a file', file],
    ['an image', asImage],
  ])('sent as %s is a document everywhere [PB-115]', async (_, part) => {
    const claude = await sent('anthropic-messages', part)
    expect(dig(claude.sent[0], 'messages.0.content.1')).toMatchObject({
      type: 'document',
      source: { type: 'base64', media_type: 'application/pdf', data: PDF },
    })
    const gemini = await sent('gemini', part)
    expect(dig(gemini.sent[0], 'contents.0.parts.1.inlineData')).toMatchObject({
      mimeType: 'application/pdf',
      data: PDF,
    })
    const responses = await sent('openai-responses', part)
    expect(dig(responses.sent[0], 'input.0.content.1')).toMatchObject({ type: 'input_file' })
  })

  it('keeps its name [PB-115]', async () => {
    expect(
      dig((await sent('anthropic-messages', file)).sent[0], 'messages.0.content.1.title'),
    ).toBe('a.pdf')
    expect(dig((await sent('openai-responses', file)).sent[0], 'input.0.content.1.filename')).toBe(
      'a.pdf',
    )
  })

  it('by its address goes to Anthropic by its address [PB-115]', async () => {
    const url = 'https://example.com/a.pdf'
    const told = await board.ask({
      from: 'openai-responses',
      to: 'anthropic-messages',
      body: { input: [{ role: 'user', content: [{ type: 'input_file', file_url: url }] }] },
    })
    expect(dig(told.sent[0], 'messages.0.content.0')).toMatchObject({
      type: 'document',
      source: { type: 'url', url },
    })
  })

  it('of a kind that the provider does not read is refused [PB-115]', async () => {
    const zip = {
      type: 'file',
      file: { filename: 'a.zip', file_data: 'data:application/zip;base64,UEsDBA==' },
    }
    const told = await sent('anthropic-messages', zip)
    expect([told.status, told.sent]).toEqual([400, []])
  })
})

const image = (type: string, data: string): JsonObject => ({
  type: 'image_url',
  image_url: { url: `data:${type};base64,${data}` },
})

describe('a picture', () => {
  it.each([
    ['image/jpg', JPEG, 'image/jpeg'],
    ['image/png', JPEG, 'image/jpeg'],
    ['image/jpeg', PNG, 'image/png'],
    ['png', PNG, 'image/png'],
    ['', PNG, 'image/png'],
  ])('declared as %j has the type of its bytes [PB-116]', async (declared, data, expected) => {
    expect(
      dig(
        (await sent('anthropic-messages', image(declared, data))).sent[0],
        'messages.0.content.1.source.media_type',
      ),
    ).toBe(expected)
    expect(
      dig(
        (await sent('gemini', image(declared, data))).sent[0],
        'contents.0.parts.1.inlineData.mimeType',
      ),
    ).toBe(expected)
  })

  it('of an unknown kind is refused by its place, before any call [PB-116]', async () => {
    const told = await sent('anthropic-messages', image('image/tiff', 'SUkqAAgAAAA='))
    expect([told.status, told.sent]).toEqual([400, []])
    expect(dig(told.json, 'error.param')).toBe('messages')
  })

  it('that a model draws has the type of its bytes too [PB-116]', async () => {
    const reply = whole({
      candidates: [
        {
          content: {
            role: 'model',
            parts: [{ inlineData: { mimeType: 'image/png', data: JPEG } }],
          },
          finishReason: 'STOP',
        },
      ],
    })
    const told = await board.ask({
      from: 'openai-responses',
      to: 'gemini',
      body: { input: 'Draw.' },
      reply,
    })
    expect(told.status).toBe(200)
    if (told.text.includes(JPEG)) expect(told.text).not.toContain('image/png')
  })
})
