// The official Anthropic SDK as a client of the running gateway, with real models behind it.
import Anthropic from '@anthropic-ai/sdk'
import { afterAll, describe, expect, it } from 'vitest'
import { ANSWER, MODELS, QUESTION, SYSTEM, realGateway } from './upstreams.ts'

const { value: opened, reason } = await realGateway()

function client(apiKey = 'none'): Anthropic {
  return new Anthropic({ baseURL: opened?.url ?? '', apiKey, maxRetries: 0 })
}

function textOf(message: Anthropic.Message): string {
  return message.content.map((block) => (block.type === 'text' ? block.text : '')).join('')
}

const messages = [{ role: 'user', content: QUESTION }] as const

describe.skipIf(opened === undefined)(`the anthropic SDK (${reason ?? 'real models'})`, () => {
  afterAll(async () => opened?.close())

  describe.each(MODELS)('with %s', (model) => {
    const asked = { model, system: SYSTEM, messages: [...messages], temperature: 0, max_tokens: 32 }

    it('gets an answer', async () => {
      const answer = await client().messages.create(asked)
      expect(textOf(answer)).toMatch(ANSWER)
      expect(answer).toMatchObject({ type: 'message', role: 'assistant' })
      expect(answer.stop_reason).toMatch(/^(?:end_turn|max_tokens)$/)
      expect(answer.usage.input_tokens).toBeGreaterThan(5)
      expect(answer.usage.output_tokens).toBeGreaterThan(1)
    })

    it('streams, and accumulates to the same final message', async () => {
      const whole = await client().messages.create(asked)
      const pieces: string[] = []
      const stream = client().messages.stream(asked)
      stream.on('text', (text) => pieces.push(text))
      const final = await stream.finalMessage()
      expect(pieces.length).toBeGreaterThan(3)
      expect(pieces.join('')).toBe(textOf(whole))
      expect(textOf(final)).toBe(textOf(whole))
      expect(final.stop_reason).toBe(whole.stop_reason)
      expect(final.usage.output_tokens).toBe(whole.usage.output_tokens)
    })

    it('sees the length limit as such', async () => {
      const answer = await client().messages.create({ ...asked, max_tokens: 3 })
      expect(answer.stop_reason).toBe('max_tokens')
      expect(answer.usage.output_tokens).toBe(3)
    })
  })

  it('lists the models and reads one of them', async () => {
    const models = await Array.fromAsync(client(opened?.clientKey).models.list())
    expect(models.map((model) => model.id)).toEqual(
      expect.arrayContaining(['local/smollm2-135m', 'llama/smollm2-135m', 'paid/paid-model']),
    )
    const one = await client().models.retrieve('local/smollm2-135m')
    expect(one).toMatchObject({ id: 'local/smollm2-135m', type: 'model' })
  })

  it('raises NotFoundError for a model that is not there', async () => {
    const failure = await client()
      .messages.create({ model: 'local/smollm2-135', max_tokens: 5, messages: [...messages] })
      .catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(Anthropic.NotFoundError)
    expect(failure).toMatchObject({ error: { type: 'error', error: { type: 'not_found_error' } } })
    expect(String(failure)).toContain('local/smollm2-135m')
  })

  it('raises BadRequestError for a bad body', async () => {
    const failure = await client()
      .post('/v1/messages', { body: { model: 'local', max_tokens: 5, messages: 'hello' } })
      .catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(Anthropic.BadRequestError)
    expect(String(failure)).toMatch(/\bmessages\b/i)
  })

  it('raises AuthenticationError where a key is missing', async () => {
    const failure = await client()
      .messages.create({ model: 'paid/paid-model', max_tokens: 5, messages: [...messages] })
      .catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(Anthropic.AuthenticationError)
    expect(failure).toMatchObject({ error: { error: { type: 'authentication_error' } } })
  })

  it('stops generation upstream when it aborts a stream', async () => {
    const stream = client().messages.stream({
      model: 'llama/smollm2-135m',
      messages: [{ role: 'user', content: 'Write a very long story.' }],
      max_tokens: 4000,
    })
    const failure = stream.done().catch((error: unknown) => error)
    await stream.emitted('text')
    stream.abort()
    expect(await failure).toBeInstanceOf(Anthropic.APIUserAbortError)
    await expect(opened?.server.untilQuiet(AbortSignal.timeout(30_000))).resolves.toBeUndefined()
  })
})
