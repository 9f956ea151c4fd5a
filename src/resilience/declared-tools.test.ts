// Tool calls that nobody asked for are told of, and kept from a caller who is strict.
import { describe, expect, it } from 'vitest'
import { chatExchange } from '../../test/chat-exchange.ts'
import type { ChatEvent } from '../canonical/event.ts'
import type { Part } from '../canonical/part.ts'
import type { ChatRequest } from '../canonical/request.ts'
import type { ChatResponse } from '../canonical/response.ts'
import type { ChatExchange, Reply } from '../exchange/exchange.ts'
import type { Happening } from '../exchange/happening.ts'
import { declaredTools } from './declared-tools.ts'
import { singly } from '../exchange/singly.ts'

const call = (name: string): Part => ({
  type: 'tool-call',
  callId: 'c',
  kind: 'function',
  name,
  arguments: { text: '{}', json: {} },
})

const DECLARED: ChatRequest['tools'] = [{ kind: 'function', name: 'weather' }]

function started(name: string): ChatEvent {
  return { type: 'part-start', index: 0, candidate: 0, part: call(name) }
}

interface Heard {
  readonly told: readonly string[]
  readonly seen: number
  readonly error: unknown
  readonly left: number
}

/** What becomes of an answer that calls these tools, in each of its forms. */
async function heard(
  form: Reply['kind'],
  names: readonly string[],
  changes: Partial<ChatExchange> = {},
): Promise<Heard> {
  const told: string[] = []
  let left = 0
  async function* steps<T>(each: (name: string) => T): AsyncGenerator<T> {
    try {
      for (const name of names) yield each(name)
    } finally {
      left += 1
    }
  }
  const response: ChatResponse = {
    origin: { dialect: 'test' },
    id: 'r',
    model: 'm',
    candidates: [{ index: 0, parts: names.map(call), finish: { reason: 'tool-calls' } }],
  }
  const bytes = new Uint8Array()
  const replies: Partial<Record<Reply['kind'], Reply>> = {
    whole: { kind: 'whole', notes: [], response },
    stream: { kind: 'stream', notes: [], events: singly(steps(started)) },
    bytes: {
      kind: 'bytes',
      notes: [],
      lane: 'bytes',
      contentType: 'text/event-stream',
      pieces: steps((name) => ({ bytes, events: [started(name)] })),
    },
  }
  const tell = (fact: Happening): void => {
    if (fact.type === 'undeclared-tool') told.push(fact.name)
  }
  const answer = replies[form]
  if (answer === undefined) throw new Error(`no answer of the form ${form}`)
  let seen = 0
  try {
    const reply = await declaredTools({ tell })(async () => answer)(chatExchange(changes))
    if (reply.kind === 'stream') for await (const _ of reply.events) seen += 1
    if (reply.kind === 'bytes') for await (const _ of reply.pieces) seen += 1
    return { told, seen, error: undefined, left }
  } catch (error) {
    return { told, seen, error, left }
  }
}

function asking(
  tools: ChatRequest['tools'],
  policy: ChatExchange['policy'],
): Partial<ChatExchange> {
  const { request } = chatExchange()
  return { policy, request: tools === undefined ? request : { ...request, tools } }
}

describe.each(['whole', 'stream', 'bytes'] as const)('an answer of the form %s', (form) => {
  it('is left alone where it calls what is declared', async () => {
    const outcome = await heard(form, ['weather'], asking(DECLARED, 'strict'))
    expect(outcome).toMatchObject({ told: [], error: undefined })
  })

  it('is told of once for each other tool, and goes on', async () => {
    const names = ['weather', 'shell', 'shell', 'rm']
    const outcome = await heard(form, names, asking(DECLARED, 'default'))
    expect(outcome).toMatchObject({ told: ['shell', 'rm'], error: undefined })
    if (form !== 'whole') expect(outcome.seen).toBe(4)
  })

  it('is not passed on to a strict caller, and whoever makes it is stopped', async () => {
    const outcome = await heard(form, ['shell', 'rm'], asking(undefined, 'strict'))
    expect(outcome).toMatchObject({
      told: ['shell'],
      seen: 0,
      error: { kind: 'upstream', code: 'undeclared_tool_call' },
      left: form === 'whole' ? 0 : 1,
    })
  })

  it('is not judged where a vendor’s own tools are offered, whose calls have the vendor’s names', async () => {
    const tools: ChatRequest['tools'] = [
      { kind: 'native', dialect: 'test', name: 'computer', native: {} },
    ]
    expect(await heard(form, ['mouse'], asking(tools, 'strict'))).toMatchObject({
      told: [],
      error: undefined,
    })
  })
})
