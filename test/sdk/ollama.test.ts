// The official Ollama client against the running gateway, with real models behind it.
import { Ollama } from 'ollama'
import { afterAll, describe, expect, it } from 'vitest'
import { ANSWER, MODELS, QUESTION, SYSTEM, realGateway } from './upstreams.ts'

const { value: opened, reason } = await realGateway()

function client(): Ollama {
  return new Ollama({ host: opened?.url ?? '' })
}

const messages = [
  { role: 'system', content: SYSTEM },
  { role: 'user', content: QUESTION },
]

describe.skipIf(opened === undefined)(`the ollama client (${reason ?? 'real models'})`, () => {
  afterAll(async () => opened?.close())

  describe.each(MODELS)('with %s', (model) => {
    const asked = { model, messages, options: { temperature: 0, num_predict: 32 } }

    it('gets an answer', async () => {
      const answer = await client().chat(asked)
      expect(answer.message.content).toMatch(ANSWER)
      expect(answer.done).toBe(true)
      expect(answer.done_reason).toMatch(/^(?:stop|length)$/)
      expect(answer.prompt_eval_count).toBeGreaterThan(5)
      expect(answer.eval_count).toBeGreaterThan(1)
    })

    it('streams the same text', async () => {
      const whole = await client().chat(asked)
      const lines = await Array.fromAsync(await client().chat({ ...asked, stream: true }))
      expect(lines.map((line) => line.message.content).join('')).toBe(whole.message.content)
      expect(lines.length).toBeGreaterThan(3)
      expect(lines.at(-1)).toMatchObject({ done: true, eval_count: whole.eval_count })
    })

    it('generates from a prompt', async () => {
      const answer = await client().generate({
        model,
        system: SYSTEM,
        prompt: QUESTION,
        options: { temperature: 0, num_predict: 32 },
      })
      expect(answer.response).toMatch(ANSWER)
      expect(answer.done).toBe(true)
    })
  })

  it('lists the models of this machine, shows one, and tells a version', async () => {
    const { models } = await client().list()
    expect(models.map((model) => model.name)).toEqual(
      expect.arrayContaining(['local/smollm2-135m', 'llama/smollm2-135m']),
    )
    const shown = await client().show({ model: 'local/smollm2-135m' })
    expect(shown.capabilities).toContain('completion')
    expect(shown.details.parameter_size).toBe('135M')
    expect(await client().version()).toEqual({ version: expect.stringMatching(/^\d+\.\d+\.\d+$/) })
  })

  it('throws with status 404 for a model that is not there', async () => {
    await expect(client().chat({ model: 'local/smollm2-135', messages })).rejects.toMatchObject({
      name: 'ResponseError',
      status_code: 404,
      error: expect.stringContaining('local/smollm2-135m'),
    })
  })

  it('throws with status 400 for a bad body', async () => {
    const format: object = ['neither "json" nor a schema']
    await expect(client().chat({ model: 'local', messages, format })).rejects.toMatchObject({
      name: 'ResponseError',
      status_code: 400,
    })
  })

  it('throws with status 401 where a key is missing', async () => {
    await expect(client().chat({ model: 'paid/paid-model', messages })).rejects.toMatchObject({
      status_code: 401,
    })
  })

  it('stops generation upstream when it aborts a stream', async () => {
    const ollama = client()
    const stream = await ollama.chat({
      model: 'llama/smollm2-135m',
      messages: [{ role: 'user', content: 'Write a very long story.' }],
      stream: true,
      options: { num_predict: 4000 },
    })
    const read = async (): Promise<void> => {
      for await (const line of stream) if (line.message.content !== '') stream.abort()
    }
    await expect(read()).rejects.toThrow(/abort/i)
    await expect(opened?.server.untilQuiet(AbortSignal.timeout(30_000))).resolves.toBeUndefined()
  })
})
