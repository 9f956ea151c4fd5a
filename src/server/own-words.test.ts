// A translation that is refused points at the client's own field, not at the model's.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OpenGateway, openGateway } from '../../test/open-gateway.ts'

let opened: OpenGateway
beforeAll(async () => {
  // Nobody listens there: what is refused is refused before any call.
  const baseUrl = 'http://127.0.0.1:9'
  opened = await openGateway({
    providers: [
      {
        providerType: 'custom',
        name: 'plain',
        baseUrl,
        models: ['m'],
        settings: { dialect: 'ollama' },
      },
    ],
  })
})
afterAll(async () => {
  await opened.close()
})

async function post(path: string, body: object): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(`${opened.url}${path}`, { method: 'POST', body: JSON.stringify(body) })
  return { status: answer.status, body: await answer.json() }
}

const question = { role: 'user', content: 'What time is it?' }
const clock = { name: 'clock', parameters: { type: 'object', properties: {} } }

describe('a refused translation', () => {
  it('names the field of a chat request', async () => {
    const answer = await post('/v1/chat/completions', {
      model: 'plain/m',
      messages: [question],
      tools: [{ type: 'function', function: clock }],
      tool_choice: 'required',
    })
    expect(answer).toMatchObject({
      status: 400,
      body: { error: { param: 'tool_choice', code: 'translation_refused' } },
    })
  })

  it('names the messages where a piece of them is in the way', async () => {
    const file = {
      type: 'file',
      file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,AA==' },
    }
    const answer = await post('/v1/chat/completions', {
      model: 'plain/m',
      messages: [{ role: 'user', content: [file] }],
    })
    expect(answer).toMatchObject({ status: 400, body: { error: { param: 'messages' } } })
  })

  it('speaks to a Messages client without a word of the model', async () => {
    const answer = await post('/v1/messages', {
      model: 'plain/m',
      max_tokens: 9,
      messages: [question],
      tools: [{ name: 'clock', input_schema: clock.parameters }],
      tool_choice: { type: 'any' },
    })
    expect(answer.status).toBe(400)
    expect(JSON.stringify(answer.body)).not.toContain('toolChoice')
  })

  it('goes through when the client says that it may', async () => {
    const answer = await fetch(`${opened.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'x-patchbay-policy': 'lenient' },
      body: JSON.stringify({
        model: 'plain/m',
        messages: [question],
        tools: [{ type: 'function', function: clock }],
        tool_choice: 'required',
      }),
    })
    expect(answer.status).toBe(502)
  })
})
