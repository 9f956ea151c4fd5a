// Requests: what the model says of them, and that nothing else is lost.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ChatRequest } from '../../canonical/request.ts'
import { WireError } from '../../wire/errors.ts'
import type { Json, JsonObject } from '../../wire/json.ts'
import { plain } from '../dialect.contract.ts'
import { wrapSeal } from '../lowering/seal.ts'
import { requestCodec } from './request.ts'

const PROFILE = { provider: 'test', flags: {} }
const BASE = { model: 'm', max_tokens: 10, messages: [{ role: 'user', content: 'Hi.' }] }

function decode(body: Json, headers: Readonly<Record<string, string>> = {}): ChatRequest {
  return requestCodec.decode({ method: 'POST', path: '/v1/messages', headers, body })
}

function encode(request: ChatRequest): Json | undefined {
  return plain(requestCodec.encode(request, PROFILE).body)
}

function partsOf(content: Json, role = 'user') {
  return decode({ ...BASE, messages: [{ role, content }] }).turns[0]?.parts
}

function modeOf(type: string) {
  return decode({ ...BASE, thinking: { type } }).reasoning?.mode
}

function choiceOf(tool_choice: Json) {
  const { toolChoice, parallelToolCalls } = decode({ ...BASE, tool_choice })
  return { mode: toolChoice?.mode, only: toolChoice?.only, parallel: parallelToolCalls }
}

/** The path that a refusal names, or its message. */
function refusal(body: Json): string | undefined {
  try {
    decode(body)
  } catch (error) {
    return error instanceof WireError ? error.path : String(error)
  }
  return 'accepted'
}

describe('decoding a request', () => {
  it('reads the settings into the model', () => {
    const request = decode({
      ...BASE,
      system: 'Be brief.',
      temperature: 0.5,
      top_p: 0.9,
      top_k: 3,
      stop_sequences: ['x'],
      stream: true,
      metadata: { user_id: 'u' },
      service_tier: 'standard_only',
      inference_geo: 'eu',
      thinking: { type: 'enabled', budget_tokens: 2000, display: 'omitted' },
      output_config: {
        effort: 'high',
        format: { type: 'json_schema', schema: { type: 'object' } },
      },
      cache_control: { type: 'ephemeral', ttl: '1h' },
    })
    expect(request).toMatchObject({
      origin: { dialect: 'anthropic-messages' },
      maxOutputTokens: 10,
      turns: [{ role: 'system', place: 'top', parts: [{ text: 'Be brief.' }] }, { role: 'user' }],
      sampling: { temperature: 0.5, topP: 0.9, topK: 3, stop: ['x'] },
      stream: { enabled: true },
      identity: { user: 'u' },
      service: { tier: 'default', region: 'eu' },
      reasoning: { mode: 'on', budgetTokens: 2000, show: 'omitted', effort: 'high' },
      output: { format: { type: 'json-schema', schema: { type: 'object' } } },
      caching: { auto: { ttl: '1h' } },
    })
  })

  it('reads adaptive, disabled and newer thinking', () => {
    expect(['adaptive', 'disabled', 'between_tools'].map((type) => modeOf(type))).toEqual([
      'auto',
      'off',
      'auto',
    ])
  })

  it('reads the tool choice with its switch for parallel calls', () => {
    expect(choiceOf({ type: 'any' })).toEqual({ mode: 'required' })
    expect(choiceOf({ type: 'none' })).toEqual({ mode: 'none' })
    expect(choiceOf({ type: 'tool', name: 'f' })).toEqual({ mode: 'required', only: ['f'] })
    expect(choiceOf({ type: 'auto', disable_parallel_tool_use: true })).toEqual({
      mode: 'auto',
      parallel: false,
    })
  })

  it('tells client tools from those of the vendor', () => {
    const { tools } = decode({
      ...BASE,
      tools: [
        { name: 'f', description: 'd', input_schema: { type: 'object' }, strict: true },
        { type: 'web_search_20250305', name: 'web_search' },
        { type: 'mcp_toolset' },
      ],
    })
    expect(tools?.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'function f',
      'native web_search',
      'native mcp_toolset',
    ])
  })

  it('keeps blocks of the vendor whole, with their cache marks', () => {
    const block = {
      type: 'server_tool_use',
      id: 's',
      input: {},
      cache_control: { type: 'ephemeral' },
    }
    expect(partsOf([block], 'assistant')).toEqual([
      {
        type: 'opaque',
        origin: { dialect: 'anthropic-messages' },
        hosted: { tool: 'other', phase: 'call', id: 's' },
        what: 'server_tool_use',
        native: block,
      },
    ])
  })

  it('reads its own signature as its own seal, and takes an envelope apart', () => {
    const foreign = { payload: 'enc', format: 'x.encrypted', origin: { dialect: 'other' } }
    const seals = partsOf(
      [
        { type: 'thinking', thinking: 'a', signature: 'sig' },
        { type: 'thinking', thinking: 'b', signature: wrapSeal(foreign) },
        { type: 'redacted_thinking', data: wrapSeal(foreign) },
      ],
      'assistant',
    )?.map(({ seal }) => seal)
    expect(seals).toEqual([
      { payload: 'sig', format: 'anthropic.signature', origin: { dialect: 'anthropic-messages' } },
      foreign,
      foreign,
    ])
  })

  it('never lets a broken envelope through as a signature', () => {
    const broken = `${wrapSeal({ payload: 'p', format: 'f', origin: { dialect: 'other' } })}x`
    const parts = partsOf([{ type: 'thinking', thinking: 'a', signature: broken }], 'assistant')
    expect(parts).toEqual([{ type: 'reasoning', text: 'a' }])
  })

  it('says where a body is wrong', () => {
    expect(refusal({ ...BASE, messages: [{ role: 'user' }] })).toBe('messages[0].content')
    expect(refusal({ ...BASE, max_tokens: '10' })).toBe('max_tokens')
    expect(refusal({ ...BASE, messages: [{ role: 'user', content: [{ type: 'text' }] }] })).toBe(
      'messages[0].content[0].text',
    )
    expect(refusal({ ...BASE, messages: [{ role: 'bot', content: '' }] })).toContain(
      'messages[0].role must be user, assistant or system',
    )
  })

  it('keeps the betas and the version for an upstream of the same protocol', () => {
    const headers = { 'anthropic-beta': 'a,b', 'anthropic-version': '2026-10-21', 'x-api-key': 'k' }
    expect(requestCodec.encode(decode(BASE, headers), PROFILE).headers).toEqual({
      'anthropic-beta': 'a,b',
      'anthropic-version': '2026-10-21',
    })
    expect(requestCodec.encode(decode(BASE), PROFILE).headers).toEqual({
      'anthropic-version': '2023-06-01',
    })
  })
})

const foreign: ChatRequest = {
  origin: { dialect: 'other' },
  model: 'm',
  turns: [{ role: 'user', parts: [{ type: 'text', text: 'Hi.' }] }],
  sampling: {},
  stream: { enabled: false },
  tools: [{ kind: 'function', name: 'f' }],
}

/** A request whose only turn calls a tool with these arguments. */
function calling(text: string) {
  const call = { type: 'tool-call' as const, kind: 'function' as const, callId: 'c', name: 'f' }
  const turns = [{ role: 'assistant' as const, parts: [{ ...call, arguments: { text } }] }]
  return encode({ ...foreign, turns })
}

function withInput(input: JsonObject) {
  return { messages: [{ content: [{ input }] }] }
}

function marked(value: JsonObject, mark: Json | undefined): JsonObject {
  return mark === undefined ? value : { ...value, cache_control: mark }
}

describe('encoding a request', () => {
  it('forbids parallel calls inside the tool choice without forcing a call', () => {
    expect(encode({ ...foreign, parallelToolCalls: false })).toMatchObject({
      tool_choice: { type: 'auto', disable_parallel_tool_use: true },
    })
    expect(
      encode({ ...foreign, parallelToolCalls: false, toolChoice: { mode: 'required' } }),
    ).toMatchObject({ tool_choice: { type: 'any', disable_parallel_tool_use: true } })
  })

  it('says nothing of parallel calls when they are allowed anyway', () => {
    expect(encode({ ...foreign, parallelToolCalls: true })).not.toHaveProperty('tool_choice')
  })

  it('gives a tool without parameters a schema of no arguments', () => {
    expect(encode(foreign)).toMatchObject({
      tools: [{ name: 'f', input_schema: { type: 'object', properties: {} } }],
    })
  })

  it('turns empty arguments into an empty input, and loses none that are no object', () => {
    expect(calling('')).toMatchObject(withInput({}))
    expect(calling('{"a":1}')).toMatchObject(withInput({ a: 1 }))
    expect(calling('{"a":')).toMatchObject(withInput({ value: '{"a":' }))
    expect(calling('[1]')).toMatchObject(withInput({ value: [1] }))
  })

  it('prints no seal of another provider', () => {
    const seal = { payload: 'SECRET', format: 'x', origin: { dialect: 'other' } }
    const parts = [{ type: 'reasoning' as const, text: 'a', seal }]
    expect(
      JSON.stringify(encode({ ...foreign, turns: [{ role: 'assistant', parts }] })),
    ).not.toContain('SECRET')
  })

  it('keeps a system text changed by others readable as blocks', () => {
    const request = decode({ ...BASE, system: 'a' })
    const [system, ...others] = request.turns
    const parts = [...(system?.parts ?? []), { type: 'text' as const, text: 'b' }]
    const turns = system === undefined ? others : [{ ...system, parts }, ...others]
    expect(encode({ ...request, turns })).toMatchObject({ system: [{ text: 'a' }, { text: 'b' }] })
  })
})

describe('what the model has no word for', () => {
  const KEYS = ['x_new', 'beta_thing', 'nulled']
  const extra = fc.dictionary(fc.constantFrom(...KEYS), fc.jsonValue(), { maxKeys: 2 })
  const withExtra = (value: object) =>
    extra.map((more) => JSON.parse(JSON.stringify({ ...more, ...value })))
  const cache = fc.oneof(
    fc.constant(null),
    withExtra({ type: 'ephemeral' }),
    withExtra({ type: 'ephemeral', ttl: '1h' }),
    withExtra({ type: 'eternal' }),
  )
  const source = fc.oneof(
    withExtra({ type: 'base64', media_type: 'image/png', data: 'AA==' }),
    withExtra({ type: 'url', url: 'https://example.com' }),
    withExtra({ type: 'hologram', at: 1 }),
  )
  const block = fc
    .oneof(
      withExtra({ type: 'text', text: 'a' }),
      source.chain((value) => withExtra({ type: 'image', source: value })),
      source.chain((value) => withExtra({ type: 'document', source: value, title: null })),
      withExtra({ type: 'tool_use', id: 'i', name: 'n', input: { a: [1, null] } }),
      withExtra({ type: 'tool_result', tool_use_id: 'i', content: 'r', is_error: false }),
      withExtra({ type: 'tool_result', tool_use_id: 'i', content: [{ type: 'text', text: '' }] }),
      withExtra({ type: 'tool_result', tool_use_id: 'i', content: null }),
      withExtra({ type: 'thinking', thinking: '', signature: 's' }),
      withExtra({ type: 'hosted_thing', whatever: {} }),
    )
    .chain((value) => fc.option(cache, { nil: undefined }).map((mark) => marked(value, mark)))
  const body = fc
    .record({
      content: fc.oneof(fc.constant('text'), fc.array(block, { maxLength: 3 })),
      message: extra,
      metadata: fc.option(withExtra({ user_id: 'u' }), { nil: {} }),
      thinking: withExtra({ type: 'enabled', budget_tokens: 5 }),
      output_config: withExtra({
        effort: 'low',
        format: { type: 'json_schema', schema: {}, y: 1 },
      }),
      tool_choice: fc.oneof(withExtra({ type: 'auto' }), withExtra({ type: 'surprise' })),
      tool: withExtra({ name: 'n', input_schema: { type: 'object' }, type: 'custom' }),
      rest: extra,
      stream: fc.constantFrom(true, false, null),
    })
    .map(({ content, message, tool, rest, ...settings }) => ({
      ...rest,
      ...BASE,
      ...settings,
      tools: [tool],
      messages: [{ ...message, role: 'assistant', content }],
    }))

  it('comes back at every level of a request', () => {
    fc.assert(
      fc.property(body, (value) => {
        const json: Json = JSON.parse(JSON.stringify(value))
        expect(encode(decode(json))).toEqual(json)
      }),
      { numRuns: 300 },
    )
  })
})
