// The official Mistral SDK as a client of the running gateway, with real models behind it.
import { Mistral } from '@mistralai/mistralai'
import { MistralError } from '@mistralai/mistralai/models/errors'
import { afterAll, describe, expect, it } from 'vitest'
import { ANSWER, MODELS, QUESTION, SYSTEM, realGateway } from './upstreams.ts'

const { value: opened, reason } = await realGateway()

function client(apiKey = 'none'): Mistral {
  return new Mistral({ serverURL: `${opened?.url ?? ''}/mistral`, apiKey })
}

const messages = [
  { role: 'system' as const, content: SYSTEM },
  { role: 'user' as const, content: QUESTION },
]

describe.skipIf(opened === undefined)(`the Mistral SDK (${reason ?? 'real models'})`, () => {
  afterAll(async () => opened?.close())

  describe.each(MODELS)('with %s', (model) => {
    const asked = { model, messages, temperature: 0, maxTokens: 32 }

    it('gets an answer', async () => {
      const answer = await client().chat.complete(asked)
      expect(answer.choices[0]?.message?.content).toMatch(ANSWER)
      expect(answer.choices[0]?.finishReason).toMatch(/^(?:stop|length)$/)
      expect(answer.object).toBe('chat.completion')
      expect(answer.usage.promptTokens).toBeGreaterThan(5)
      expect(answer.usage.completionTokens).toBeGreaterThan(1)
    })

    it('streams the same text, token by token, with the counts in the last chunk', async () => {
      const whole = await client().chat.complete(asked)
      const events = await Array.fromAsync(await client().chat.stream(asked))
      const texts = events.map(({ data }) => data.choices[0]?.delta.content ?? '')
      expect(texts.join('')).toBe(whole.choices[0]?.message?.content)
      expect(texts.filter((text) => text !== '').length).toBeGreaterThan(3)
      const last = events.at(-1)?.data
      expect(last?.choices[0]?.finishReason).toBe(whole.choices[0]?.finishReason)
      expect(last?.usage?.completionTokens).toBe(whole.usage.completionTokens)
    })

    it('gets JSON that fits a schema', async () => {
      const answer = await client().chat.complete({
        ...asked,
        maxTokens: 128,
        responseFormat: {
          type: 'json_schema',
          jsonSchema: {
            name: 'city',
            schemaDefinition: {
              type: 'object',
              properties: { city: { type: 'string', maxLength: 20 } },
              required: ['city'],
              additionalProperties: false,
            },
          },
        },
      })
      const value: unknown = JSON.parse(String(answer.choices[0]?.message?.content))
      expect(value).toEqual({ city: expect.any(String) })
    })

    it('stops where it is told to', async () => {
      const answer = await client().chat.complete({ ...asked, stop: ['Paris'] })
      expect(answer.choices[0]?.message?.content ?? '').not.toMatch(ANSWER)
      expect(answer.choices[0]?.finishReason).toBe('stop')
    })

    it('sees the length limit as such', async () => {
      const answer = await client().chat.complete({ ...asked, maxTokens: 3 })
      expect(answer.choices[0]?.finishReason).toBe('length')
      expect(answer.usage.completionTokens).toBe(3)
    })
  })

  it('lists the models and reads one of them', async () => {
    const { data = [] } = await client(opened?.clientKey).models.list()
    expect(data.map((model) => (model.type === 'UNKNOWN' ? model.raw : model.id))).toEqual(
      expect.arrayContaining(['local/smollm2-135m', 'llama/smollm2-135m', 'paid/paid-model']),
    )
    const one = await client().models.retrieve({ modelId: 'local/smollm2-135m' })
    expect(one).toMatchObject({ id: 'local/smollm2-135m', object: 'model', type: 'base' })
  })

  it('raises MistralError 404 for a model that is not there, with the nearest name', async () => {
    const failure = await failureOf(
      client().chat.complete({ model: 'local/smollm2-135', messages }),
    )
    expect(failure.statusCode).toBe(404)
    expect(JSON.parse(failure.body)).toMatchObject({
      object: 'error',
      type: 'invalid_model',
      message: expect.stringContaining('local/smollm2-135m'),
    })
  })

  it('raises MistralError 400 for a bad body, naming the field', async () => {
    const responseFormat = { type: 'json_schema' as const }
    const failure = await failureOf(
      client().chat.complete({ model: 'local', messages, responseFormat }),
    )
    expect(failure.statusCode).toBe(400)
    expect(JSON.parse(failure.body)).toMatchObject({ param: 'response_format.json_schema' })
  })

  it('raises MistralError 401 where a key is missing, and where it is wrong, streaming or not', async () => {
    for (const key of ['none', `${opened?.clientKey ?? ''}x`]) {
      const asked = { model: 'paid/paid-model', messages }
      const { chat } = client(key)
      for (const call of [chat.complete(asked), chat.stream(asked)]) {
        const failure = await failureOf(call)
        expect(failure.statusCode).toBe(401)
        expect(failure.message).not.toContain(opened?.clientKey ?? 'no key')
      }
    }
  })

  it('stops generation upstream when it leaves a stream', async () => {
    const stream = await client().chat.stream({
      model: 'llama/smollm2-135m',
      messages: [{ role: 'user', content: 'Write a very long story.' }],
      maxTokens: 4000,
    })
    for await (const { data } of stream) {
      if ((data.choices[0]?.delta.content ?? '') !== '') break
    }
    await expect(opened?.server.untilQuiet(AbortSignal.timeout(30_000))).resolves.toBeUndefined()
  })
})

async function failureOf(call: Promise<unknown>): Promise<MistralError> {
  const failure = await call.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!(failure instanceof MistralError)) throw new Error(`not a MistralError: ${String(failure)}`)
  return failure
}
