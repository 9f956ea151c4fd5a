// The official OpenAI SDK as a client of the running gateway, with real models behind it.
import OpenAI from 'openai'
import { afterAll, describe, expect, it } from 'vitest'
import { ANSWER, MODELS, QUESTION, SYSTEM, realGateway } from './upstreams.ts'

const { value: opened, reason } = await realGateway()

function client(apiKey = 'none'): OpenAI {
  return new OpenAI({ baseURL: `${opened?.url ?? ''}/v1`, apiKey, maxRetries: 0 })
}

const messages = [
  { role: 'system', content: SYSTEM },
  { role: 'user', content: QUESTION },
] as const

describe.skipIf(opened === undefined)(`the openai SDK (${reason ?? 'real models'})`, () => {
  afterAll(async () => opened?.close())

  describe.each(MODELS)('with %s', (model) => {
    const asked = { model, messages: [...messages], temperature: 0, max_tokens: 32 }

    it('gets an answer', async () => {
      const answer = await client().chat.completions.create(asked)
      expect(answer.choices[0]?.message.content).toMatch(ANSWER)
      expect(answer.choices[0]?.finish_reason).toMatch(/^(?:stop|length)$/)
      expect(answer.object).toBe('chat.completion')
      expect(answer.usage?.prompt_tokens).toBeGreaterThan(5)
      expect(answer.usage?.completion_tokens).toBeGreaterThan(1)
    })

    it('streams the same text, token by token, and the usage when asked', async () => {
      const whole = await client().chat.completions.create(asked)
      const stream = await client().chat.completions.create({
        ...asked,
        stream: true,
        stream_options: { include_usage: true },
      })
      const chunks = await Array.fromAsync(stream)
      const text = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')
      expect(text).toBe(whole.choices[0]?.message.content)
      expect(
        chunks.filter((chunk) => (chunk.choices[0]?.delta.content ?? '') !== '').length,
      ).toBeGreaterThan(3)
      expect(chunks.at(-1)?.choices).toEqual([])
      expect(chunks.at(-1)?.usage?.completion_tokens).toBe(whole.usage?.completion_tokens)
    })

    it('accumulates with its own helper to the same final object', async () => {
      const final = await client()
        .chat.completions.stream({ ...asked, stream: true })
        .finalChatCompletion()
      const whole = await client().chat.completions.create(asked)
      expect(final.choices[0]?.message.content).toBe(whole.choices[0]?.message.content)
      expect(final.choices[0]?.finish_reason).toBe(whole.choices[0]?.finish_reason)
    })

    it('gets JSON that fits a schema', async () => {
      const answer = await client().chat.completions.create({
        ...asked,
        max_tokens: 128,
        response_format: {
          type: 'json_schema',
          json_schema: {
            name: 'city',
            schema: {
              type: 'object',
              properties: { city: { type: 'string', maxLength: 20 } },
              required: ['city'],
              additionalProperties: false,
            },
          },
        },
      })
      const value: unknown = JSON.parse(answer.choices[0]?.message.content ?? '')
      expect(value).toEqual({ city: expect.any(String) })
    })

    it('stops where it is told to', async () => {
      const answer = await client().chat.completions.create({ ...asked, stop: ['Paris'] })
      expect(answer.choices[0]?.message.content).not.toMatch(ANSWER)
      expect(answer.choices[0]?.finish_reason).toBe('stop')
    })

    it('sees the length limit as such', async () => {
      const answer = await client().chat.completions.create({ ...asked, max_tokens: 3 })
      expect(answer.choices[0]?.finish_reason).toBe('length')
      expect(answer.usage?.completion_tokens).toBe(3)
    })
  })

  it('lists the models and reads one of them', async () => {
    const models = await Array.fromAsync(await client(opened?.clientKey).models.list())
    expect(models.map((model) => model.id)).toEqual(
      expect.arrayContaining(['local/smollm2-135m', 'llama/smollm2-135m', 'paid/paid-model']),
    )
    const one = await client().models.retrieve('local/smollm2-135m')
    expect(one).toMatchObject({ id: 'local/smollm2-135m', object: 'model' })
  })

  it('raises NotFoundError for a model that is not there, with the nearest name', async () => {
    const failure = await client()
      .chat.completions.create({ model: 'local/smollm2-135', messages: [...messages] })
      .catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(OpenAI.NotFoundError)
    expect(failure).toMatchObject({ code: 'model_not_found', param: 'model' })
    expect(String(failure)).toContain('local/smollm2-135m')
  })

  it('raises BadRequestError for a bad body, naming the field', async () => {
    const failure = await client()
      .post('/chat/completions', { body: { model: 'local', messages: 'hello' } })
      .catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(OpenAI.BadRequestError)
    expect(failure).toMatchObject({ param: 'messages' })
  })

  it('raises AuthenticationError where a key is missing, and where it is wrong', async () => {
    for (const key of ['none', `${opened?.clientKey ?? ''}x`]) {
      const failure = await client(key)
        .chat.completions.create({ model: 'paid/paid-model', messages: [...messages] })
        .catch((error: unknown) => error)
      expect(failure).toBeInstanceOf(OpenAI.AuthenticationError)
      expect(String(failure)).not.toContain(opened?.clientKey ?? 'no key')
    }
  })

  it('stops generation upstream when it leaves a stream', async () => {
    const stream = await client().chat.completions.create({
      model: 'llama/smollm2-135m',
      messages: [{ role: 'user', content: 'Write a very long story.' }],
      stream: true,
      max_tokens: 4000,
    })
    for await (const chunk of stream) {
      if ((chunk.choices[0]?.delta.content ?? '') !== '') break
    }
    await expect(opened?.server.untilQuiet(AbortSignal.timeout(30_000))).resolves.toBeUndefined()
  })

  it('stops generation upstream when it aborts a call that does not stream', async () => {
    const leave = new AbortController()
    const call = client().chat.completions.create(
      {
        model: 'llama/smollm2-135m',
        messages: [{ role: 'user', content: 'Write a very long story.' }],
        max_tokens: 4000,
      },
      { signal: leave.signal },
    )
    const failure = call.catch((error: unknown) => error)
    while (!(await opened?.server.isGenerating()));
    leave.abort()
    expect(await failure).toBeInstanceOf(OpenAI.APIUserAbortError)
    await expect(opened?.server.untilQuiet(AbortSignal.timeout(30_000))).resolves.toBeUndefined()
  })
})
