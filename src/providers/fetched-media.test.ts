// Images and documents by address, for targets that take none: fetched where that is allowed, within limits, and never from inside.
import { describe, expect, it } from 'vitest'
import { contextOf, failureOf } from '../../test/context.ts'
import { type FakeAnswer, type FakeTransport, fakeTransport } from '../../test/fake-transport.ts'
import { openaiChat } from '../dialects/openai-chat/dialect.ts'
import type { ChatExchange } from '../exchange/exchange.ts'
import { createTransport } from '../transport/http-transport.ts'
import type { Json } from '../wire/json.ts'
import { catalogRow } from './catalog.ts'
import { HttpProvider } from './http-provider.ts'
import type { ProviderSettings } from './provider-config.ts'
import { fetchedMedia } from './fetched-media.ts'
import type { MediaAddress } from './media-addresses.ts'

const PNG = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3])
const PNG_DATA = btoa(String.fromCharCode(...PNG))
const URL_OF_IT = 'https://pictures.example/a.png?size=1#top'
const MESSAGE = { role: 'assistant', content: 'A picture.' }
const ANSWER = {
  id: 'c1',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: MESSAGE, finish_reason: 'stop' }],
}

interface Setup {
  readonly provider: HttpProvider
  readonly transport: FakeTransport
}

/** LM Studio takes images as data only. */
function setup(
  settings: ProviderSettings,
  picture: FakeAnswer = image(),
  type = 'lmstudio',
): Setup {
  const row = catalogRow(type)
  if (row === undefined) throw new Error(`there is no type ${type}`)
  const transport = fakeTransport(({ url }) =>
    url.hostname === 'pictures.example' ? picture : { chunks: [JSON.stringify(ANSWER)] },
  )
  const config = { providerType: type, name: 'here', apiKey: 'sk-canary', settings }
  return { provider: new HttpProvider(config, row, contextOf(transport)), transport }
}

function image(more: Partial<FakeAnswer> = {}): FakeAnswer {
  return { headers: { 'content-type': 'image/png' }, chunks: [PNG], ...more }
}

function asking(content: Json, policy: ChatExchange['policy'] = 'default'): ChatExchange {
  const path = '/v1/chat/completions'
  const body = { model: 'm', messages: [{ role: 'user', content }] }
  return {
    operation: 'chat',
    id: 'x',
    request: openaiChat.request.decode({ method: 'POST', path, headers: {}, body }),
    source: { dialect: openaiChat.id, path, body, text: JSON.stringify(body) },
    target: { provider: 'here', model: 'm' },
    policy,
    signal: new AbortController().signal,
  }
}

function picture(url = URL_OF_IT): Json {
  return [
    { type: 'text', text: 'What is it?' },
    { type: 'image_url', image_url: { url } },
  ]
}

describe('a picture by address', () => {
  it('is fetched, sent as data, and told of', async () => {
    const { provider, transport } = setup({ fetchMedia: true })
    const { notes } = await provider.handle(asking(picture()))
    const [fetched, sent] = transport.sent
    expect(fetched).toMatchObject({ method: 'GET', reach: 'public' })
    expect(fetched?.url.href).toBe('https://pictures.example/a.png?size=1')
    expect(JSON.stringify(fetched?.headers)).not.toContain('sk-canary')
    expect(sent?.json).toMatchObject({
      messages: [{ content: picture(`data:image/png;base64,${PNG_DATA}`) }],
    })
    expect(notes).toMatchObject([
      { action: 'approximated', feature: 'image', path: 'turns[0].parts[1]', weight: 1 },
    ])
  })

  it('is fetched once, however often it is named', async () => {
    const { provider, transport } = setup({ fetchMedia: true })
    await provider.handle(asking([picture(), picture()].flat()))
    expect(transport.sent).toHaveLength(2)
  })

  it('is refused where the operator has not allowed it, with a word on how to', async () => {
    const { provider, transport } = setup({})
    expect(await failureOf(provider.handle(asking(picture())))).toMatchObject({
      kind: 'unsupported',
      message: expect.stringContaining(
        'set "fetch_media: true" in the settings of provider "here"',
      ),
    })
    expect(transport.sent).toEqual([])
  })

  it('is left to a target that takes addresses', async () => {
    const { provider, transport } = setup({ fetchMedia: true }, image(), 'vllm')
    await provider.handle(asking(picture()))
    expect(transport.sent).toHaveLength(1)
  })

  it('is not fetched for a target that takes no pictures at all', async () => {
    const { provider, transport } = setup({ fetchMedia: true }, image(), 'deepseek')
    const failure = await failureOf(provider.handle(asking(picture())))
    expect(failure).toMatchObject({ kind: 'unsupported' })
    expect(String(failure)).not.toContain('fetch_media')
    expect(transport.sent).toEqual([])
  })

  it('is found out about by comparing without a fetch', () => {
    const { provider, transport } = setup({ fetchMedia: true })
    expect(provider.compared(asking(picture())).chosen.notes).toMatchObject([
      { action: 'dropped', feature: 'image' },
    ])
    expect(transport.sent).toEqual([])
  })

  it.each([
    [
      'a redirect',
      image({ status: 302, headers: { location: 'https://else.example/' } }),
      'not followed',
    ],
    ['an error', image({ status: 404 }), 'its host answered 404'],
    ['a page', image({ chunks: ['<html>'], headers: { 'content-type': 'text/html' } }), 'no image'],
    ['a page that says it is a picture', image({ chunks: ['<html>'] }), 'no image'],
    ['a document', image({ chunks: ['%PDF-1.7'] }), 'no image'],
    ['more than it says', image({ chunks: [PNG, PNG, PNG] }), 'longer than 20 bytes'],
    [
      'more than may be fetched',
      image({ headers: { 'content-type': 'image/png', 'content-length': '99' } }),
      'larger than the 20 bytes',
    ],
  ])('that turns out to be %s is the mistake of the client', async (_, answer, why) => {
    const { provider, transport } = setup({ fetchMedia: true, fetchMediaMaxBytes: 20 }, answer)
    expect(await failureOf(provider.handle(asking(picture())))).toMatchObject({
      kind: 'invalid_request',
      origin: 'client',
      code: 'media_unavailable',
      param: 'turns[0].parts[1]',
      message: expect.stringContaining(why),
    })
    expect(transport.sent).toHaveLength(1)
  })

  it.each([
    'http://pictures.example/a.png',
    'https://user:pass@pictures.example/a.png',
    'https://pictures.example:8443/a.png',
    'https://localhost/a.png',
    'https://pictures.example./a.png',
  ])('at %s is not asked for', async (url) => {
    const { provider, transport } = setup({ fetchMedia: true })
    expect(await failureOf(provider.handle(asking(picture(url))))).toMatchObject({
      code: 'media_unavailable',
    })
    expect(transport.sent).toEqual([])
  })

  it('counts all pictures of a request against one limit, and no more than sixteen', async () => {
    const two = [picture('https://pictures.example/1'), picture('https://pictures.example/2')]
    const { provider } = setup({ fetchMedia: true, fetchMediaMaxBytes: 20 })
    expect(await failureOf(provider.handle(asking(two.flat())))).toMatchObject({
      message: expect.stringContaining('longer than 9 bytes'),
    })
    const many = Array.from({ length: 17 }, (_, at) => picture(`https://pictures.example/${at}`))
    const { provider: another, transport } = setup({ fetchMedia: true })
    expect(await failureOf(another.handle(asking(many.flat())))).toMatchObject({
      message: expect.stringContaining('16 addresses'),
    })
    expect(transport.sent).toEqual([])
  })
})

const PLACE: MediaAddress = { url: 'https://inside.example/a.png', type: 'image', path: 'p' }

describe('an address that leads inside', () => {
  it.each(['127.0.0.1', '10.0.0.8', '169.254.169.254', '::1', 'fd00::1'])(
    'is refused where it is dialled: %s',
    async (address) => {
      const transport = createTransport({
        resolver: async () => [{ address, family: address.includes(':') ? 6 : 4 }],
      })
      const { signal } = new AbortController()
      const work = fetchedMedia([PLACE], { transport, maxBytes: 99, signal })
      expect(await failureOf(work)).toMatchObject({
        code: 'media_unavailable',
        message: expect.stringContaining('The address is refused'),
      })
      await transport.close()
    },
  )

  it('is refused when one good address stands beside it', async () => {
    const transport = createTransport({
      resolver: async () => [
        { address: '93.184.215.14', family: 4 },
        { address: '192.168.0.1', family: 4 },
      ],
    })
    const { signal } = new AbortController()
    const work = fetchedMedia([PLACE], { transport, maxBytes: 99, signal })
    expect(await failureOf(work)).toMatchObject({ code: 'media_unavailable' })
    await transport.close()
  })

  it('is no failure of the picture when the client left', async () => {
    const controller = new AbortController()
    controller.abort()
    const transport = createTransport()
    const { signal } = controller
    const work = fetchedMedia([PLACE], { transport, maxBytes: 99, signal })
    expect(await failureOf(work)).toMatchObject({ kind: 'cancelled' })
    await transport.close()
  })
})
