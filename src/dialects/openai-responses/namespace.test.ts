// Tools in namespaces: as they came on this wire, each on its own elsewhere, and back again in answers.
import { describe, expect, it } from 'vitest'
import type { ChatEvent } from '../../canonical/event.ts'
import type { Part } from '../../canonical/part.ts'
import type { JsonObject } from '../../wire/json.ts'
import { plain } from '../dialect.contract.ts'
import { dialectById } from '../registry.ts'
import { openaiResponses } from './dialect.ts'

const tool = (name: string): JsonObject => ({ type: 'function', name, parameters: {} })

const clock: JsonObject = {
  type: 'namespace',
  name: 'clock',
  description: 'Time.',
  tools: [tool('now'), { type: 'custom', name: 'sleep' }],
}

const profile = { provider: 'lab', flags: {} }

function asked(body: JsonObject) {
  return openaiResponses.request.decode({
    method: 'POST',
    path: '',
    headers: {},
    body: { model: 'm', input: 'Hi', ...body },
  })
}

function again(body: JsonObject) {
  return plain(openaiResponses.request.encode(asked(body), profile).body)
}

describe('tools in a namespace', () => {
  it('come back as they came, beside others and other namespaces', () => {
    const tools = [tool('now'), clock, { ...clock, name: 'other' }, { ...clock }, tool('last')]
    expect(again({ tools })).toMatchObject({ tools })
  })

  it('bear both names, so that no two are the same', () => {
    const { tools } = asked({ tools: [tool('now'), clock] })
    expect(tools?.map(({ kind, name }) => [kind, name])).toEqual([
      ['function', 'now'],
      ['function', 'clock.now'],
      ['custom', 'clock.sleep'],
    ])
  })

  it.each([
    ['nothing', []],
    ["a vendor's own tool", [{ type: 'web_search' }]],
  ])("stay the vendor's own where there is %s among them", (_, tools) => {
    const body = { tools: [{ ...clock, tools }] }
    expect(asked(body).tools).toMatchObject([{ kind: 'native', name: 'namespace' }])
    expect(again(body)).toMatchObject(body)
  })

  it('are named in a choice with both names', () => {
    const choice = { type: 'function', name: 'now', namespace: 'clock' }
    const body = { tools: [clock], tool_choice: choice }
    expect(asked(body).toolChoice?.only).toEqual(['clock.now'])
    expect(again(body)).toMatchObject(body)
  })

  it('reach a target that has no namespaces, with the calls that were made of them', () => {
    const input = [
      { type: 'function_call', call_id: 'c1', name: 'now', namespace: 'clock', arguments: '{}' },
      { type: 'function_call_output', call_id: 'c1', output: 'noon' },
    ]
    const request = asked({ tools: [clock], input })
    expect(again({ tools: [clock], input })).toMatchObject({ input })
    const { value, notes } = dialectById('anthropic-messages')?.lower(request, profile) ?? {}
    const names = value?.tools?.map(({ name }) => name)
    expect(names).toEqual([expect.stringMatching(/^clock_now_/), expect.stringMatching(/^clock_s/)])
    expect(value?.renamedTools).toMatchObject({ [names?.[0] ?? '']: 'clock.now' })
    const called = value?.turns
      .flatMap(({ parts }) => parts)
      .find(({ type }) => type === 'tool-call')
    expect(called).toMatchObject({ name: names?.[0] })
    expect(notes?.map(({ feature }) => feature)).not.toContain('namespace')
  })
})

describe('an answer from elsewhere', () => {
  const context = { request: asked({ tools: [clock] }), requestId: 'r', now: () => 0 }
  const call: Part = {
    type: 'tool-call',
    callId: 'c1',
    kind: 'function',
    name: 'clock.now',
    arguments: { text: '' },
  }
  const item = { type: 'function_call', name: 'now', namespace: 'clock', arguments: '{}' }

  it('calls a tool in the namespace that the client offered it in', () => {
    const { value } = openaiResponses.response.encode(
      {
        origin: { dialect: 'elsewhere' },
        model: 'm',
        candidates: [{ index: 0, parts: [call], finish: { reason: 'tool-calls' } }],
      },
      context,
    )
    expect(plain(value.body)).toMatchObject({ output: [item] })
  })

  it('does so in a stream too', () => {
    const encoder = openaiResponses.stream.encoder(context)
    const events: readonly ChatEvent[] = [
      { type: 'response-start', origin: { dialect: 'elsewhere' } },
      { type: 'part-start', index: 0, candidate: 0, part: call },
      { type: 'part-end', index: 0 },
      { type: 'candidate-end', candidate: 0, finish: { reason: 'tool-calls' } },
      { type: 'response-end' },
    ]
    const told: JsonObject[] = events
      .flatMap((event) => encoder.write(event))
      .map(({ data }) => JSON.parse(data))
    const of = (type: string) => told.find((event) => event['type'] === type)
    expect(of('response.output_item.added')).toMatchObject({
      item: { name: 'now', namespace: 'clock' },
    })
    expect(of('response.function_call_arguments.done')).toMatchObject({ name: 'now' })
    expect(of('response.completed')).toMatchObject({ response: { output: [item] } })
  })

  it('leaves a call alone that only looks like one', () => {
    const other = { ...call, name: 'calendar.now' }
    const { value } = openaiResponses.response.encode(
      {
        origin: { dialect: 'elsewhere' },
        model: 'm',
        candidates: [{ index: 0, parts: [other], finish: { reason: 'tool-calls' } }],
      },
      context,
    )
    expect(plain(value.body)).toMatchObject({ output: [{ name: 'calendar.now' }] })
  })
})
