// The real upstream of the other tests is what they take it for: it answers, and it stops when nobody listens.
import { afterAll, describe, expect, it } from 'vitest'
import { llamaServer } from './llama-server.ts'

const { value: server, reason } = await llamaServer()

async function ask(body: object, signal?: AbortSignal): Promise<Response> {
  return fetch(`${server?.url ?? ''}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify(body),
    signal: signal ?? null,
  })
}

describe.skipIf(server === undefined)(`a llama.cpp server (${reason ?? 'present'})`, () => {
  afterAll(async () => server?.close())

  it('answers with tokens of the model', async () => {
    const messages = [{ role: 'user', content: 'Say hello.' }]
    const response = await ask({ messages, max_tokens: 8, temperature: 0 })
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({
      choices: [{ message: { role: 'assistant', content: expect.stringMatching(/\w/) } }],
    })
  })

  it('generates while a client reads, and stops when the client has gone', async () => {
    const leave = new AbortController()
    const messages = [{ role: 'user', content: 'Write a very long story.' }]
    const response = await ask({ messages, stream: true, max_tokens: 4000 }, leave.signal)
    const reader = response.body?.getReader()
    await reader?.read()
    expect(await server?.isGenerating()).toBe(true)
    leave.abort()
    await expect(reader?.read()).rejects.toThrow(/abort/i)
    await expect(server?.untilQuiet(AbortSignal.timeout(30_000))).resolves.toBeUndefined()
  })
})
