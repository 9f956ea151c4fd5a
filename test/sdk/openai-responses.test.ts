// The official OpenAI SDK speaking the Responses protocol to the running gateway, with real models behind it.
import OpenAI from 'openai'
import { afterAll, describe, expect, it } from 'vitest'
import { ANSWER, MODELS, QUESTION, SYSTEM, realGateway } from './upstreams.ts'

const { value: opened, reason } = await realGateway()

function client(apiKey = 'none'): OpenAI {
  return new OpenAI({ baseURL: `${opened?.url ?? ''}/v1`, apiKey, maxRetries: 0 })
}

describe.skipIf(opened === undefined)(
  `the openai SDK's Responses (${reason ?? 'real models'})`,
  () => {
    afterAll(async () => opened?.close())

    describe.each(MODELS)('with %s', (model) => {
      const asked = {
        model,
        instructions: SYSTEM,
        input: QUESTION,
        temperature: 0,
        max_output_tokens: 32,
      }

      it('get an answer', async () => {
        const answer = await client().responses.create(asked)
        expect(answer.output_text).toMatch(ANSWER)
        expect(answer).toMatchObject({ object: 'response', model: expect.any(String) })
        expect(answer.status).toMatch(/^(?:completed|incomplete)$/)
        expect(answer.output[0]).toMatchObject({ type: 'message', role: 'assistant' })
        expect(answer.usage?.input_tokens).toBeGreaterThan(5)
        expect(answer.usage?.output_tokens).toBeGreaterThan(1)
      })

      it('stream the same text, token by token, and end with the whole answer', async () => {
        const whole = await client().responses.create(asked)
        const events = await Array.fromAsync(
          await client().responses.create({ ...asked, stream: true }),
        )
        const deltas = events.flatMap((event) =>
          event.type === 'response.output_text.delta' ? [event.delta] : [],
        )
        expect(deltas.join('')).toBe(whole.output_text)
        expect(deltas.length).toBeGreaterThan(3)
        expect(events[0]?.type).toBe('response.created')
        expect(events.map((event) => event.sequence_number)).toEqual([...events.keys()])
        expect(events.at(-1)).toMatchObject({ response: { usage: whole.usage } })
      })

      it('accumulate with their own helper to the same final object', async () => {
        const final = await client().responses.stream(asked).finalResponse()
        const whole = await client().responses.create(asked)
        expect(final.output_text).toBe(whole.output_text)
        expect(final.status).toBe(whole.status)
        expect(final.incomplete_details).toEqual(whole.incomplete_details)
        expect(final.usage).toEqual(whole.usage)
        expect(final.output.map((item) => item.type)).toEqual(whole.output.map((item) => item.type))
      })

      it('go on with a conversation whose earlier answer is sent back as it came', async () => {
        const first = await client().responses.create(asked)
        const second = await client().responses.create({
          ...asked,
          input: [
            { role: 'user', content: QUESTION },
            ...first.output.filter((item) => item.type === 'message'),
            { role: 'user', content: 'Say it again.' },
          ],
        })
        expect(second.output_text).not.toBe('')
        expect(second.usage?.input_tokens).toBeGreaterThan(first.usage?.input_tokens ?? 0)
      })

      it('get JSON that fits a schema', async () => {
        const answer = await client().responses.create({
          ...asked,
          max_output_tokens: 128,
          text: {
            format: {
              type: 'json_schema',
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
        const value: unknown = JSON.parse(answer.output_text)
        expect(value).toEqual({ city: expect.any(String) })
      })

      it('see the length limit as such', async () => {
        const answer = await client().responses.create({ ...asked, max_output_tokens: 3 })
        expect(answer.status).toBe('incomplete')
        expect(answer.incomplete_details).toEqual({ reason: 'max_output_tokens' })
        expect(answer.usage?.output_tokens).toBe(3)
      })
    })

    it('raise NotFoundError for a model that is not there, with the nearest name', async () => {
      const failure = await client()
        .responses.create({ model: 'local/smollm2-135', input: QUESTION })
        .catch((error: unknown) => error)
      expect(failure).toBeInstanceOf(OpenAI.NotFoundError)
      expect(failure).toMatchObject({ code: 'model_not_found', param: 'model' })
      expect(String(failure)).toContain('local/smollm2-135m')
    })

    it('raise BadRequestError for a bad body, naming the field', async () => {
      const failure = await client()
        .post('/responses', { body: { model: 'local', input: 7 } })
        .catch((error: unknown) => error)
      expect(failure).toBeInstanceOf(OpenAI.BadRequestError)
      expect(failure).toMatchObject({ param: 'input' })
    })

    it('raise AuthenticationError where a key is missing, and where it is wrong', async () => {
      for (const key of ['none', `${opened?.clientKey ?? ''}x`]) {
        const failure = await client(key)
          .responses.create({ model: 'paid/paid-model', input: QUESTION })
          .catch((error: unknown) => error)
        expect(failure).toBeInstanceOf(OpenAI.AuthenticationError)
        expect(String(failure)).not.toContain(opened?.clientKey ?? 'no key')
      }
    })

    it('stop generation upstream when they leave a stream', async () => {
      const stream = await client().responses.create({
        model: 'llama/smollm2-135m',
        input: 'Write a very long story.',
        stream: true,
        max_output_tokens: 4000,
      })
      for await (const event of stream) {
        if (event.type === 'response.output_text.delta') break
      }
      await expect(opened?.server.untilQuiet(AbortSignal.timeout(30_000))).resolves.toBeUndefined()
    })
  },
)
