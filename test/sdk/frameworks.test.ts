// Frameworks as clients of the running gateway, with real models behind it: the AI SDK and LangChain, whole and streamed.
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { ChatOpenAI } from '@langchain/openai'
import { generateText, streamText } from 'ai'
import { afterAll, describe, expect, it } from 'vitest'
import { ANSWER, MODELS, QUESTION, SYSTEM, realGateway } from './upstreams.ts'

const { value: opened, reason } = await realGateway()

const baseURL = `${opened?.url ?? ''}/v1`
const apiKey = 'none'

describe.skipIf(opened === undefined)(`with ${reason ?? 'real models'}`, () => {
  afterAll(async () => opened?.close())

  it.each(MODELS)('the AI SDK gets an answer of %s, whole and streamed alike', async (model) => {
    const provider = createOpenAICompatible({ name: 'p', baseURL, apiKey, includeUsage: true })
    const asked = {
      model: provider(model),
      system: SYSTEM,
      prompt: QUESTION,
      temperature: 0,
      maxOutputTokens: 32,
      maxRetries: 0,
    }
    const whole = await generateText(asked)
    const stream = streamText(asked)
    const pieces = await Array.fromAsync(stream.textStream)
    expect(whole.text).toMatch(ANSWER)
    expect(pieces.join('')).toBe(whole.text)
    expect(pieces.length).toBeGreaterThan(3)
    expect((await stream.usage).outputTokens).toBe(whole.usage.outputTokens)
  })

  it.each(MODELS)('LangChain gets an answer of %s, whole and streamed alike', async (model) => {
    const configuration = { baseURL }
    const chat = new ChatOpenAI({ model, apiKey, configuration, temperature: 0, maxTokens: 32 })
    const messages = [
      { role: 'system', content: SYSTEM },
      { role: 'user', content: QUESTION },
    ]
    const whole = await chat.invoke(messages)
    const pieces = await Array.fromAsync(await chat.stream(messages))
    expect(whole.text).toMatch(ANSWER)
    expect(pieces.map((piece) => piece.text).join('')).toBe(whole.text)
    expect(pieces.length).toBeGreaterThan(3)
  })
})
