// Vectors in the form that was asked for, bit for bit.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isObject } from '../../src/wire/json.ts'
import { type FakeUpstream, openUpstream } from '../fake-upstream.ts'
import { type OpenGateway, openGateway } from '../open-gateway.ts'
import { whole } from './said.ts'

const FLOATS = [0.1, -1.5e-7, 3.25] as const
const EXACT = [...new Float32Array(FLOATS)]
const BASE64 = Buffer.from(new Float32Array(FLOATS).buffer).toString('base64')

describe('a vector of three numbers', () => {
  let upstream: FakeUpstream
  let opened: OpenGateway
  beforeAll(async () => {
    upstream = await openUpstream()
    const common = { apiKey: 'sk-1', models: ['e'] }
    opened = await openGateway({
      providers: [
        { ...common, providerType: 'custom', name: 'chat', baseUrl: `${upstream.url}/v1` },
        {
          ...common,
          providerType: 'ollama',
          name: 'plain',
          baseUrl: upstream.url,
          settings: { dialects: ['ollama'] },
        },
      ],
    })
  })
  afterAll(async () => {
    await opened.close()
    await upstream.close()
  })

  async function embedded(model: string, format: 'float' | 'base64' | undefined): Promise<unknown> {
    upstream.answer(({ json, path }) => {
      if (path.startsWith('/api/')) return whole({ model: 'e', embeddings: [EXACT] })
      const asked = isObject(json) ? json['encoding_format'] : undefined
      const embedding = asked === 'base64' ? BASE64 : EXACT
      return whole({
        object: 'list',
        model: 'e',
        data: [{ object: 'embedding', index: 0, embedding }],
      })
    })
    const response = await fetch(`${opened.url}/v1/embeddings`, {
      method: 'POST',
      headers: { authorization: `Bearer ${opened.clientKey}` },
      body: JSON.stringify({
        model,
        input: 'x',
        ...(format === undefined ? {} : { encoding_format: format }),
      }),
    })
    const { data } = Object(await response.json())
    return Object(data[0]).embedding
  }

  it.each(['chat/e', 'plain/e'])(
    'of %s is base64 where that is asked for [PB-103]',
    async (model) => {
      expect(await embedded(model, 'base64')).toBe(BASE64)
    },
  )

  it.each(['chat/e', 'plain/e'])(
    'of %s is numbers where those are, or nothing [PB-103]',
    async (model) => {
      for (const format of ['float', undefined] as const) {
        const numbers = await embedded(model, format)
        expect(Array.isArray(numbers) ? [...new Float32Array(numbers)] : numbers).toEqual(EXACT)
      }
    },
  )

  it('is never asked for in a form that a host does not know [PB-103]', async () => {
    await embedded('plain/e', 'base64')
    expect(JSON.stringify(upstream.requests.at(-1)?.json)).not.toContain('encoding_format')
  })
})
