// Turns and formats of other protocols, made printable on this wire.
import { describe, expect, it } from 'vitest'
import type { Part } from '../../canonical/part.ts'
import type { ChatRequest, Turn } from '../../canonical/request.ts'
import type { MessageFlags } from './flags.ts'
import { HI, TOOLS, asked, call, lowered, result } from './lowered.contract.ts'

function system(text: string): Turn {
  return { role: 'system', parts: [{ type: 'text', text }] }
}

function file(mediaType: string, data: string): Part {
  return { type: 'file', source: { kind: 'base64', data, mediaType } }
}

describe('messages', () => {
  it('have all results of a step first in one user turn', () => {
    const { body } = lowered(
      asked({
        tools: TOOLS,
        turns: [
          HI,
          { role: 'assistant', parts: [call('a'), call('b')] },
          result('a'),
          result('b'),
          HI,
        ],
      }),
    )
    expect(body).toMatchObject({
      messages: [
        { role: 'user' },
        {
          role: 'assistant',
          content: [
            { type: 'tool_use', id: 'a' },
            { type: 'tool_use', id: 'b' },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'a' },
            { type: 'tool_result', tool_use_id: 'b' },
            { type: 'text', text: 'Hi.' },
          ],
        },
      ],
    })
  })

  it('hold all calls of a step in one assistant turn, in their order', () => {
    const step = lowered(
      asked({
        turns: [
          HI,
          { role: 'assistant', parts: [{ type: 'text', text: 'I look.' }] },
          { role: 'assistant', parts: [call('a')] },
          { role: 'assistant', parts: [call('b')] },
          { role: 'tool', parts: [{ type: 'tool-result', callId: 'a', content: [] }] },
          { role: 'tool', parts: [{ type: 'tool-result', callId: 'b', content: [] }] },
        ],
      }),
    )
    expect(step.value.turns.map(({ role, parts }) => [role, parts.length])).toEqual([
      ['user', 1],
      ['assistant', 3],
      ['user', 2],
    ])
    expect(step.notes).toEqual(['merged assistant_turns 0', 'merged assistant_turns 0'])
  })

  it('hold no empty or blank text, which the wire refuses', () => {
    const empty: Turn = { role: 'assistant', parts: [{ type: 'text', text: '' }, call('a')] }
    const blank: Turn = { role: 'user', parts: [{ type: 'text', text: ' \n' }] }
    const { body } = lowered(asked({ tools: TOOLS, turns: [HI, empty, result('a'), blank] }))
    expect(body).toMatchObject({
      messages: [
        { role: 'user' },
        { content: [{ type: 'tool_use' }] },
        { content: [{ type: 'tool_result' }] },
      ],
    })
  })

  it('keep later instructions where they are, so that a cached prefix stays', () => {
    const before = [system('A'), HI]
    const once = lowered(asked({ turns: before })).body
    const later = lowered(asked({ turns: [...before, system('B'), HI] }))
    expect(once).toMatchObject({ system: [{ text: 'A' }] })
    expect(later.body).toMatchObject({
      system: [{ text: 'A' }],
      messages: [
        { role: 'user', content: [{ text: 'Hi.' }] },
        { role: 'user', content: [{ text: '<system>' }, { text: 'B' }, { text: '</system>' }] },
        { role: 'user' },
      ],
    })
    expect(later.notes).toEqual(['approximated system_position 2'])
  })

  it('take developer turns for system turns', () => {
    const turn: Turn = { role: 'developer', parts: [{ type: 'text', text: 'A' }] }
    expect(lowered(asked({ turns: [turn, HI] })).body).toMatchObject({ system: [{ text: 'A' }] })
  })

  it('rename ids of calls and results alike where the wire refuses them', () => {
    const { value } = lowered(
      asked({ turns: [HI, { role: 'assistant', parts: [call('f:0|x')] }, result('f:0|x')] }),
    )
    const ids = value.turns.flatMap((turn) =>
      turn.parts.flatMap((part) => ('callId' in part ? [part.callId] : [])),
    )
    expect(new Set(ids).size).toBe(1)
    expect(ids[0]).toMatch(/^[A-Za-z0-9_-]+$/)
  })

  it('drop sound with a note that policy refuses', () => {
    const parts: readonly Part[] = [{ type: 'audio', source: { kind: 'base64', data: 'AA==' } }]
    expect(lowered(asked({ turns: [HI, { role: 'user', parts }] })).notes).toEqual([
      'dropped audio 3',
    ])
  })

  it('begin and, for newer models, end with the user', () => {
    const said: Turn = { role: 'assistant', parts: [{ type: 'text', text: 'I think ' }] }
    const roles = (flags: Partial<MessageFlags>, more: Partial<ChatRequest> = {}) =>
      lowered(asked({ turns: [said], ...more }), flags)
    expect(roles({ prefill: true }).body).toMatchObject({
      messages: [{ role: 'user' }, { role: 'assistant', content: [{ text: 'I think' }] }],
    })
    const turned = { messages: [{ role: 'user' }, { role: 'assistant' }, { role: 'user' }] }
    expect(roles({ prefill: false }).body).toMatchObject(turned)
    expect(roles({ prefill: true }, { reasoning: { effort: 'low' } }).body).toMatchObject(turned)
    expect(roles({ prefill: false }).notes).toEqual([
      'synthesized user_turn 1',
      'approximated user_turn 2',
    ])
  })

  it('make of a file what it is', () => {
    const parts = [
      file('application/pdf', 'JVBERi0='),
      file('text/csv', btoa('a,b')),
      file('image/png', 'AA=='),
      file('application/zip', 'AA=='),
      file('text/plain', 'no base64!'),
    ]
    const { body, notes } = lowered(asked({ turns: [{ role: 'user', parts }] }))
    expect(body).toMatchObject({
      messages: [
        {
          content: [
            { type: 'document', source: { type: 'base64', media_type: 'application/pdf' } },
            { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'a,b' } },
            { type: 'image', source: { type: 'base64', media_type: 'image/png' } },
            { type: 'document', source: { type: 'base64', data: 'no base64!' } },
          ],
        },
      ],
    })
    expect(notes).toEqual(['dropped file 3'])
  })

  it('keep cache marks on their parts and tools', () => {
    const part: Part = { type: 'text', text: 'Hi.', cache: { ttl: '1h' } }
    const { body } = lowered(
      asked({
        turns: [{ role: 'user', parts: [part] }],
        tools: [{ kind: 'function', name: 'f', cache: {} }],
      }),
    )
    expect(body).toMatchObject({
      messages: [{ content: [{ cache_control: { type: 'ephemeral', ttl: '1h' } }] }],
      tools: [{ cache_control: { type: 'ephemeral' } }],
    })
  })
})

describe('structured output', () => {
  it('closes objects and drops keywords that are not enforced', () => {
    const schema = {
      type: 'object',
      properties: { age: { type: 'integer', minimum: 0 }, minimum: { type: 'string' } },
    }
    const { body, notes } = lowered(asked({ output: { format: { type: 'json-schema', schema } } }))
    expect(body).toMatchObject({
      output_config: {
        format: {
          type: 'json_schema',
          schema: {
            additionalProperties: false,
            properties: { age: { type: 'integer' }, minimum: { type: 'string' } },
          },
        },
      },
    })
    expect(notes).toEqual([
      'approximated schema_minimum 2',
      'approximated schema_additionalProperties 1',
    ])
  })

  it('becomes an instruction where any JSON is wanted', () => {
    const { body, notes } = lowered(asked({ output: { format: { type: 'json' } } }))
    expect(body).toMatchObject({ system: [{ text: expect.stringContaining('JSON') }] })
    expect(body).not.toHaveProperty('output_config')
    expect(notes).toEqual(['approximated response_format 2'])
  })

  it('cannot be promised by models without it', () => {
    const format = { type: 'json-schema' as const, schema: {} }
    expect(lowered(asked({ output: { format } }), { structuredOutput: false }).notes).toEqual([
      'dropped response_format 3',
    ])
  })
})
