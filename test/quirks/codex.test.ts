// What Codex and the Responses clients send beyond the common items (clients README §0.4, §6.9, §6.14).
import { describe, expect, it } from 'vitest'
import { from as fromClient } from '../bugs/protocols.ts'
import { dig, useSwitchboard } from '../bugs/switchboard.ts'

const board = useSwitchboard()
const from = 'openai-responses'
const say = { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'say pong' }] }
const wait = {
  type: 'function',
  name: 'wait',
  description: 'Waits.',
  strict: false,
  parameters: { type: 'object', properties: { cell_id: { type: 'string' } } },
}
const NAMESPACE = { type: 'namespace', name: 'functions', description: '', tools: [wait] }
const ITEMS = [
  { type: 'additional_tools', id: 'at_1', role: 'developer', tools: [NAMESPACE] },
  { type: 'configuration_update', reasoning: { effort: 'low' } },
]
const SETTINGS = {
  store: false,
  include: ['reasoning.encrypted_content'],
  prompt_cache_key: 'k',
  client_metadata: { 'x-codex': '1' },
  parallel_tool_calls: false,
  tool_choice: 'auto',
  reasoning: { effort: 'medium', summary: 'auto' },
}

describe('Codex before OpenAI', () => {
  it('has its items and settings pass as they are', async () => {
    const body = { input: [...ITEMS, say], ...SETTINGS, tools: [NAMESPACE, { type: 'web_search' }] }
    const told = await board.ask({ from, to: from, body })
    expect(told.sent[0]).toMatchObject(body)
    expect(told.headers.get('x-patchbay-lane')).toBe('patch')
  })
})

describe.each(fromClient(from))('Codex before $to', ({ to }) => {
  it('has its settings taken, and the tools of a namespace', async () => {
    const body = { input: [say], instructions: 'Be brief.', ...SETTINGS, tools: [NAMESPACE] }
    const told = await board.ask({ from, to, body, stream: true })
    expect(told.status).toBe(200)
    expect(JSON.stringify(told.sent[0])).toMatch(/wait/)
    expect(told.frames.at(-1)?.event).toBe('response.completed')
  })

  it('may echo what we answered before, with ids and states of ours', async () => {
    const input = [
      say,
      { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAAA' },
      {
        type: 'message',
        id: 'msg_1',
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text: 'I look.', annotations: [] }],
      },
      {
        type: 'function_call',
        id: 'fc_1',
        call_id: 'callaaaa1',
        name: 'wait',
        arguments: '{"cell_id":"7"}',
        status: 'completed',
      },
      {
        type: 'function_call_output',
        call_id: 'callaaaa1',
        output: [{ type: 'input_text', text: 'found' }],
      },
      { role: 'developer', content: 'Mind the time.' },
    ]
    const told = await board.ask({ from, to, body: { input, ...SETTINGS, tools: [wait] } })
    expect(told.status).toBe(200)
    const sent = JSON.stringify(told.sent[0])
    for (const words of ['I look.', 'cell_id', 'found', 'Mind the time.']) {
      expect(sent).toContain(words)
    }
    expect(sent).not.toMatch(/gAAAA|rs_1|msg_1|fc_1/)
  })

  it('is told by name that tools in its input stay with OpenAI', async () => {
    const body = { input: [...ITEMS, say], store: false }
    const told = await board.ask({ from, to, body })
    expect([told.status, told.sent]).toEqual([400, []])
    expect(dig(told.json, 'error.message')).toMatch(/additional_tools.*configuration_update/)
  })
})

describe('a hosted search that the target has not', () => {
  it('is refused by name, and left out where the configuration of the client allows that', async () => {
    const body = { input: [say], store: false, tools: [wait, { type: 'web_search' }] }
    const told = await board.ask({ from, to: 'ollama', body })
    expect([told.status, dig(told.json, 'error.code')]).toEqual([400, 'translation_refused'])
    const headers = { 'x-patchbay-policy': 'lenient' }
    const lenient = await board.ask({ from, to: 'ollama', body, headers })
    expect(lenient.status).toBe(200)
    expect(lenient.headers.get('x-patchbay-notes')).toContain('dropped=web_search')
  })
})

describe('a WebSocket', () => {
  it('is refused at once, in words, whatever the model', async () => {
    const { url, key } = board.open()
    const started = performance.now()
    const { request } = await import('node:http')
    const status = await new Promise((resolve, reject) => {
      const asking = request(`${url}/v1/responses`, {
        headers: {
          connection: 'Upgrade',
          upgrade: 'websocket',
          authorization: `Bearer ${key}`,
          'openai-beta': 'responses_websockets=2026-02-06',
        },
      })
      asking.on('response', (answer) => {
        answer.resume()
        resolve(answer.statusCode)
      })
      asking.on('error', reject)
      asking.end()
    })
    expect(status).toBe(426)
    expect(performance.now() - started).toBeLessThan(2000)
  })
})
