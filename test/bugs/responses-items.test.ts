// Items of a Responses request that other protocols have no word for.
import { describe, expect, it } from 'vitest'
import { isArray, isObject } from '../../src/wire/json.ts'
import { from as fromClient } from './protocols.ts'
import { dig, useSwitchboard } from './switchboard.ts'

const board = useSwitchboard()

const ITEMS = [
  { role: 'user', content: 'Search.' },
  { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'c2VjcmV0' },
  {
    type: 'web_search_call',
    id: 'ws_1',
    status: 'completed',
    action: { type: 'search', query: 'x' },
  },
  {
    type: 'message',
    id: 'msg_1',
    role: 'assistant',
    status: 'completed',
    content: [{ type: 'output_text', text: 'Found.', annotations: [] }],
  },
  { type: 'custom_tool_call', call_id: 'callaaaa1', name: 'sh', input: 'ls' },
  { type: 'custom_tool_call_output', call_id: 'callaaaa1', output: 'a.ts' },
  { role: 'user', content: 'Go on.' },
]

describe.each(fromClient('openai-responses'))('a Responses client before $to', ({ to }) => {
  it('has no item turned into a message that says nothing [PB-044]', async () => {
    const told = await board.ask({ from: 'openai-responses', to, body: { input: ITEMS } })
    expect(told.status).toBe(200)
    const messages = dig(told.sent[0], 'messages') ?? dig(told.sent[0], 'contents')
    expect(isArray(messages) && messages.length).toBeGreaterThanOrEqual(3)
    for (const message of isArray(messages) ? messages : []) {
      const said = isObject(message)
        ? [message['content'], message['parts'], message['tool_calls']]
        : []
      expect(
        said.some((one) => one !== undefined && one !== null && JSON.stringify(one) !== '[]'),
      ).toBe(true)
    }
    const sent = JSON.stringify(told.sent[0])
    expect(sent).not.toContain('c2VjcmV0')
    expect(sent).toContain('Found.')
    expect(sent).toContain('a.ts')
    expect(told.headers.get('x-patchbay-notes')).toContain('web_search_call')
  })

  it('is refused a pointer into a store that is not there, by name, before any call [PB-044]', async () => {
    const input = [
      { role: 'user', content: 'a' },
      { type: 'item_reference', id: 'msg_9' },
    ]
    const told = await board.ask({ from: 'openai-responses', to, body: { input } })
    expect(told.status).toBe(404)
    expect(told.text).toMatch(/msg_9|item_reference/)
    expect(told.sent).toEqual([])
  })

  it('is refused an answer to go on from that nobody has stored, before any call [PB-043]', async () => {
    const body = { previous_response_id: 'resp_unknown', input: 'Go on.' }
    const told = await board.ask({ from: 'openai-responses', to, body })
    expect(told.status).toBeGreaterThanOrEqual(400)
    expect(told.status).toBeLessThan(500)
    expect(told.text).toContain('previous_response_id')
    expect(told.sent).toEqual([])
  })
})
