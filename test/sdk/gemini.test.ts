// The official Google Gen AI SDK as a client of the running gateway, with real models behind it.
import { ApiError, FinishReason, GoogleGenAI } from '@google/genai'
import { afterAll, describe, expect, it } from 'vitest'
import { ANSWER, MODELS, QUESTION, SYSTEM, realGateway } from './upstreams.ts'

const { value: opened, reason } = await realGateway()

function client(apiKey = 'none', base = ''): GoogleGenAI {
  return new GoogleGenAI({ apiKey, httpOptions: { baseUrl: `${opened?.url ?? ''}${base}` } })
}

const settings = { systemInstruction: SYSTEM, temperature: 0, maxOutputTokens: 32 }

describe.skipIf(opened === undefined)(`the Google Gen AI SDK (${reason ?? 'real models'})`, () => {
  afterAll(async () => opened?.close())

  describe.each(MODELS)('with %s', (model) => {
    const asked = { model, contents: QUESTION, config: settings }

    it('gets an answer', async () => {
      const answer = await client().models.generateContent(asked)
      expect(answer.text).toMatch(ANSWER)
      expect(answer.candidates?.[0]?.content?.role).toBe('model')
      expect(answer.candidates?.[0]?.finishReason).toMatch(/^(?:STOP|MAX_TOKENS)$/)
      expect(answer.usageMetadata?.promptTokenCount).toBeGreaterThan(5)
      expect(answer.usageMetadata?.candidatesTokenCount).toBeGreaterThan(1)
    })

    it('streams the same text, chunk by chunk, and the counts at the end', async () => {
      const whole = await client().models.generateContent(asked)
      const chunks = await Array.fromAsync(await client().models.generateContentStream(asked))
      expect(chunks.map((chunk) => chunk.text ?? '').join('')).toBe(whole.text)
      expect(chunks.filter((chunk) => (chunk.text ?? '') !== '').length).toBeGreaterThan(3)
      const last = chunks.at(-1)
      expect(last?.candidates?.[0]?.finishReason).toBe(whole.candidates?.[0]?.finishReason)
      expect(last?.usageMetadata?.candidatesTokenCount).toBe(
        whole.usageMetadata?.candidatesTokenCount,
      )
    })

    it('gets JSON that fits a schema', async () => {
      const answer = await client().models.generateContent({
        ...asked,
        config: {
          ...settings,
          maxOutputTokens: 128,
          responseMimeType: 'application/json',
          responseJsonSchema: {
            type: 'object',
            properties: { city: { type: 'string', maxLength: 20 } },
            required: ['city'],
            additionalProperties: false,
          },
        },
      })
      const value: unknown = JSON.parse(answer.text ?? '')
      expect(value).toEqual({ city: expect.any(String) })
    })

    it('stops where it is told to', async () => {
      const config = { ...settings, stopSequences: ['Paris'] }
      const answer = await client().models.generateContent({ ...asked, config })
      expect(answer.text ?? '').not.toMatch(ANSWER)
      expect(answer.candidates?.[0]?.finishReason).toBe(FinishReason.STOP)
    })

    it('sees the length limit as such', async () => {
      const config = { ...settings, maxOutputTokens: 3 }
      const answer = await client().models.generateContent({ ...asked, config })
      expect(answer.candidates?.[0]?.finishReason).toBe(FinishReason.MAX_TOKENS)
      expect(answer.usageMetadata?.candidatesTokenCount).toBe(3)
    })
  })

  it('goes on in a chat that remembers what was said', async () => {
    const chat = client().chats.create({ model: 'local', config: settings })
    await chat.sendMessage({ message: QUESTION })
    const answer = await chat.sendMessage({ message: 'Say that again.' })
    expect(answer.text).toMatch(/\w/)
    expect(chat.getHistory().map((content) => content.role)).toEqual([
      'user',
      'model',
      'user',
      'model',
    ])
  })

  it('finds the gateway under its own prefix too', async () => {
    const answer = await client('none', '/gemini').models.generateContent({
      model: 'local',
      contents: QUESTION,
      config: settings,
    })
    expect(answer.text).toMatch(ANSWER)
  })

  it('lists the models and reads one of them', async () => {
    const listed = await Array.fromAsync(await client(opened?.clientKey).models.list())
    expect(listed.map((model) => model.name)).toEqual(
      expect.arrayContaining([
        'models/local/smollm2-135m',
        'models/llama/smollm2-135m',
        'models/paid/paid-model',
      ]),
    )
    const one = await client().models.get({ model: 'local/smollm2-135m' })
    expect(one.name).toBe('models/local/smollm2-135m')
  })

  it('raises ApiError 404 for a model that is not there, with the nearest name', async () => {
    const failure = await failureOf(
      client().models.generateContent({ model: 'local/smollm2-135', contents: QUESTION }),
    )
    expect(failure).toMatchObject({ status: 404 })
    expect(failure.message).toContain('NOT_FOUND')
    expect(failure.message).toContain('local/smollm2-135m')
  })

  it('raises ApiError 400 for a bad body, naming the field', async () => {
    const extraBody = { generationConfig: { temperature: 'hot' } }
    const failure = await failureOf(
      client().models.generateContent({
        model: 'local',
        contents: QUESTION,
        config: { httpOptions: { extraBody } },
      }),
    )
    expect(failure).toMatchObject({ status: 400 })
    expect(failure.message).toContain('INVALID_ARGUMENT')
    expect(failure.message).toContain('generationConfig.temperature')
  })

  it('raises ApiError 401 where a key is missing, and where it is wrong, streaming or not', async () => {
    for (const key of ['none', `${opened?.clientKey ?? ''}x`]) {
      const asked = { model: 'paid/paid-model', contents: QUESTION }
      const { models } = client(key)
      for (const call of [models.generateContent(asked), models.generateContentStream(asked)]) {
        const failure = await failureOf(call)
        expect(failure).toMatchObject({ status: 401 })
        expect(failure.message).toContain('UNAUTHENTICATED')
        expect(failure.message).not.toContain(opened?.clientKey ?? 'no key')
      }
    }
  })

  it('stops generation upstream when it aborts a stream', async () => {
    const leave = new AbortController()
    const stream = await client().models.generateContentStream({
      model: 'llama/smollm2-135m',
      contents: 'Write a very long story.',
      config: { maxOutputTokens: 4000, abortSignal: leave.signal },
    })
    // This SDK only lets go of a stream that is left, and keeps it open: the signal ends it.
    const read = async (): Promise<void> => {
      for await (const chunk of stream) if ((chunk.text ?? '') !== '') leave.abort()
    }
    await expect(read()).rejects.toThrow(/abort/i)
    await expect(opened?.server.untilQuiet(AbortSignal.timeout(30_000))).resolves.toBeUndefined()
  })
})

async function failureOf(call: Promise<unknown>): Promise<ApiError> {
  const failure = await call.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!(failure instanceof ApiError)) throw new Error(`not an ApiError: ${String(failure)}`)
  return failure
}
