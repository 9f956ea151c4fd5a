// Tool calls in streams of hosts that speak OpenAI's protocol in their own ways: which piece belongs to which call.
import { describe, expect, it } from 'vitest'
import type { Json } from '../../src/wire/json.ts'
import { DONE, chunk, piece, pieces } from './chunks.ts'
import { type Id, IDS } from './protocols.ts'
import { asked, sse, text, user, whole } from './said.ts'
import { datas, dig, useSwitchboard } from './switchboard.ts'

const board = useSwitchboard([
  { providerType: 'custom', name: 'translated', settings: { passThrough: false } },
])

const CLIENTS = IDS.filter((id) => id !== 'openai-chat')
const END = [chunk({}, 'tool_calls'), DONE] as const

interface Heard {
  readonly id: string
  readonly name: string
  readonly arguments: string
}

/** What a client of the protocol understands of a stream of chunks. */
async function callsOf(from: Id, chunks: readonly Json[]): Promise<readonly Heard[]> {
  const body = asked(from, { turns: [user(text('go'))] })
  const reply = sse(...chunks, ...END)
  const told = await board.ask({ from, to: 'openai-chat', stream: true, body, reply })
  const { candidates, error } = told.heard
  expect({ status: told.status, error }).toEqual({ status: 200, error: undefined })
  return (candidates[0]?.parts ?? []).flatMap((part) =>
    part.type === 'tool-call'
      ? [{ id: part.callId, name: part.name, arguments: part.arguments.text }]
      : [],
  )
}

/** Ids are the wire's own affair. */
function bare(calls: readonly Heard[]): readonly Omit<Heard, 'id'>[] {
  return calls.map((one) => ({ name: one.name, arguments: one.arguments }))
}

const F = { name: 'f', arguments: '{"p":1}' }
const G = { name: 'g', arguments: '{"q":2}' }

describe.each(CLIENTS)('%s before a host of the OpenAI protocol', (from) => {
  it('hears two calls whose pieces have no index [PB-005]', async () => {
    const calls = await callsOf(from, [
      piece({ id: 'a' }, 'f', '{"p"'),
      piece({}, undefined, ':1}'),
      piece({ id: 'b' }, 'g', '{"q":2}'),
    ])
    expect(bare(calls)).toEqual([F, G])
  })

  it('hears one call where id and name stand in every piece [PB-007]', async () => {
    const texts = ['{"p"', ':', '1}']
    const calls = await callsOf(
      from,
      texts.map((said) => piece({ index: 0, id: 'a', type: 'function' }, 'f', said)),
    )
    expect(bare(calls)).toEqual([F])
  })

  it('hears two calls where both have the index 0 [PB-008]', async () => {
    const calls = await callsOf(from, [
      piece({ index: 0, id: 'x' }, 'f', '{"p":1}'),
      piece({ index: 0, id: 'y' }, 'g', '{"q":'),
      piece({ index: 0, id: 'y' }, undefined, '2}'),
    ])
    expect(bare(calls)).toEqual([F, G])
    expect(new Set(calls.map(({ id }) => id)).size).toBe(2)
  })

  it('hears a call once it has ended, not when what has come so far could be all [PB-010]', async () => {
    const calls = await callsOf(from, [
      piece({ index: 0, id: 'x' }, 'f', ''),
      piece({ index: 0 }, undefined, '{"p":1}'),
      piece({ index: 0 }, undefined, '\n'),
      piece({ index: 1, id: 'y' }, 'g', '{"q":2}'),
      piece({ index: 0 }, undefined, ' '),
    ])
    expect(calls.map((one) => ({ name: one.name, json: JSON.parse(one.arguments) }))).toEqual([
      { name: 'f', json: { p: 1 } },
      { name: 'g', json: { q: 2 } },
    ])
  })

  it('hears one call whose id changes in each nameless piece [PB-012]', async () => {
    const calls = await callsOf(from, [
      piece({ index: 0, id: 'first' }, 'f', '{"p"'),
      piece({ index: 0, id: 'second' }, '', ':1'),
      piece({ index: 0, id: 'third' }, undefined, '}'),
    ])
    expect(bare(calls)).toEqual([F])
  })

  it('hears the single calls of a bundle that the model has made of them, whole and streamed [PB-015]', async () => {
    const uses = [
      { recipient_name: 'functions.f', parameters: { p: 1 } },
      { recipient_name: 'functions.g', parameters: { q: 2 } },
    ]
    const said = JSON.stringify({ tool_uses: uses })
    const name = 'multi_tool_use.parallel'
    const calls = await callsOf(from, [
      piece({ index: 0, id: 'x' }, name, said.slice(0, 30)),
      piece({ index: 0 }, undefined, said.slice(30)),
    ])
    expect(bare(calls)).toEqual([F, G])
    const message = {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'x', type: 'function', function: { name, arguments: said } }],
    }
    const reply = whole({
      id: 'c',
      object: 'chat.completion',
      created: 1,
      model: 'm',
      choices: [{ index: 0, message, finish_reason: 'tool_calls' }],
    })
    const body = asked(from, { turns: [user(text('go'))] })
    const told = await board.ask({ from, to: 'openai-chat', body, reply })
    expect(told.heard.candidates[0]?.parts).toMatchObject([{ name: 'f' }, { name: 'g' }])
    expect(told.text).not.toContain(name)
  })

  it('hears an empty object where a call has no arguments [PB-017]', async () => {
    const calls = await callsOf(from, [
      piece({ index: 0, id: 'x' }, 'f', ''),
      pieces({ index: 1, id: 'y', function: { name: 'g' } }),
    ])
    expect(calls.map((one) => one.arguments)).toEqual(['{}', '{}'])
  })

  it('hears a call whose name comes after its id and its first arguments [PB-018]', async () => {
    const calls = await callsOf(from, [
      chunk({ role: '', tool_calls: [{ index: 0, id: '', function: { arguments: '{"p"' } }] }),
      chunk({ role: '', tool_calls: [{ index: 0, function: { name: 'f', arguments: ':1}' } }] }),
    ])
    expect(bare(calls)).toEqual([F])
    expect(calls[0]?.id).toMatch(/^[A-Za-z0-9]{9,}$/)
  })

  it('hears an error where a call never gets its name [PB-018]', async () => {
    const body = asked(from, { turns: [user(text('go'))] })
    const reply = sse(piece({ index: 0, id: 'x' }, undefined, '{}'), ...END)
    const told = await board.ask({ from, to: 'openai-chat', stream: true, body, reply })
    expect(told.status).toBe(502)
    expect(told.text).not.toContain('"name":""')
  })
})

describe('a client of the same protocol whose host is told to be translated', () => {
  it('sees an index, one id and one name for each call [PB-005]', async () => {
    const body = asked('openai-chat', { turns: [user(text('go'))] })
    const reply = sse(piece({ id: 'a' }, 'f', '{}'), piece({ id: 'b' }, 'g', '{}'), ...END)
    const told = await board.ask({
      from: 'openai-chat',
      to: 'translated',
      stream: true,
      body,
      reply,
    })
    const calls = datas(told).flatMap((one) => dig(one, 'choices.0.delta.tool_calls.0') ?? [])
    expect(calls).toMatchObject([
      { index: 0, id: 'a', function: { name: 'f' } },
      { index: 1, id: 'b', function: { name: 'g' } },
    ])
  })
})

describe('ways to say which call a piece belongs to', () => {
  it.each([
    [
      'indexes and ids',
      [
        { index: 0, id: 'a' },
        { index: 1, id: 'b' },
      ],
    ],
    ['indexes alone', [{ index: 0 }, { index: 1 }]],
    ['ids alone', [{ id: 'a' }, { id: 'b' }]],
    [
      'ids at one index',
      [
        { index: 0, id: 'a' },
        { index: 0, id: 'b' },
      ],
    ],
    ['names alone', [{}, {}]],
    [
      'indexes that leave out some',
      [
        { index: 3, id: 'a' },
        { index: 7, id: 'b' },
      ],
    ],
  ])('%s: both calls arrive [PB-012]', async (_, [first = {}, second = {}]) => {
    const chunks = [piece(first, 'f', '{"p":1}'), piece(second, 'g', '{"q":2}')]
    expect(bare(await callsOf('anthropic-messages', chunks))).toEqual([F, G])
  })
})
