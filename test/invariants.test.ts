// Laws of translation that hold for every dialect and every pair of them, whatever the request, answer or failure.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compact } from '../src/canonical/compact.ts'
import { type ErrorKind, GatewayError } from '../src/canonical/errors.ts'
import { explode } from '../src/canonical/explode.ts'
import type { Note } from '../src/canonical/note.ts'
import type { Part, ToolCallPart } from '../src/canonical/part.ts'
import type { ChatRequest } from '../src/canonical/request.ts'
import type { ChatResponse, FinishReason } from '../src/canonical/response.ts'
import { responseArbitrary, usageArbitrary } from '../src/canonical/response.arbitrary.ts'
import type { Usage } from '../src/canonical/usage.ts'
import type { Dialect, EncodeContext } from '../src/dialects/dialect.ts'
import {
  collected,
  decodeFrames,
  emptyRequest,
  encodeStream,
  plain,
} from '../src/dialects/dialect.contract.ts'
import { requestArbitrary, requestWith } from '../src/dialects/lowering/request.arbitrary.ts'
import { omit, rewriteParts } from '../src/dialects/lowering/rewrite.ts'
import { dialects } from '../src/dialects/registry.ts'
import { type Json, ObjectReader, equalJson, isArray, isObject } from '../src/wire/json.ts'

const RUNS = { numRuns: 500 }
const PROFILE = { provider: 'invariants', flags: {} }
const each = describe.each(dialects.map((to) => ({ id: to.id, to })))

interface Translated {
  readonly lowered: ChatRequest
  readonly notes: readonly Note[]
  readonly body: Json
  readonly back: ChatRequest
}

/** A request that no wire has seen, said on one and read there again. */
function translated(request: ChatRequest, to: Dialect): Translated {
  const { value: lowered, notes } = to.lower(request, PROFILE)
  const wire = to.request.encode(lowered, PROFILE)
  const body = plain(wire.body) ?? null
  return { lowered, notes, body, back: to.request.decode({ ...wire, body }) }
}

function callsOf(request: ChatRequest): readonly ToolCallPart[] {
  return partsOf(request).filter((part) => part.type === 'tool-call')
}

function partsOf(request: ChatRequest): readonly Part[] {
  return request.turns.flatMap((turn) => turn.parts)
}

function holds(law: (request: ChatRequest) => void): void {
  fc.assert(fc.property(requestArbitrary, law), RUNS)
}

each('requests to $id', ({ to }) => {
  it('18: ids of calls are mapped one to one, the same way each time, and a second time not at all', () => {
    holds((request) => {
      const { lowered } = translated(request, to)
      const before = callsOf(request).map((call) => call.callId)
      const after = callsOf(lowered).map((call) => call.callId)
      expect(after).toHaveLength(before.length)
      // Reading and merging keep calls in their order.
      const pairs = new Set(before.map((id, at) => JSON.stringify([id, after[at]])))
      expect(pairs.size).toBe(new Set(before).size)
      expect(pairs.size).toBe(new Set(after).size)
      expect(callsOf(to.lower(lowered, PROFILE).value)).toEqual(callsOf(lowered))
      expect(to.lower(request, PROFILE)).toEqual(to.lower(request, PROFILE))
    })
  })

  it('19: every result that is read back belongs to a call that came before it, and calls keep their order', () => {
    holds((request) => {
      const { lowered, back } = translated(request, to)
      const seen = new Set<string>()
      for (const part of partsOf(back)) {
        if (part.type === 'tool-call') seen.add(part.callId)
        if (part.type === 'tool-result' && INSISTS.has(to.id)) {
          expect(seen.has(part.callId)).toBe(true)
        }
      }
      expect(callsOf(back).map((call) => call.name)).toEqual(
        callsOf(lowered).map((call) => call.name),
      )
    })
  })

  it('20: arguments that are JSON objects arrive with the same value; others only with a note', () => {
    holds((request) => {
      const { notes, back } = translated(request, to)
      const after = callsOf(back)
      for (const [at, call] of callsOf(request).entries()) {
        if (call.kind === 'custom') continue
        const { json, text } = call.arguments
        const arrived = after[at]?.arguments
        const same = json === undefined ? arrived?.text === text : equalJson(arrived?.json, json)
        const empty = text.trim() === '' && equalJson(arrived?.json, {})
        const parsed = equalJson(arrived?.json, parsedOf(text))
        const noted = notes.some((note) => note.feature === 'tool_arguments')
        expect(same || empty || parsed || noted).toBe(true)
      }
    })
  })

  it('21: names of tools stay apart, and each leads back to the client’s own', () => {
    holds((request) => {
      const { lowered } = translated(request, to)
      const back = lowered.renamedTools ?? {}
      const before = callsOf(request).map((call) => call.name)
      const after = callsOf(lowered).map((call) => call.name)
      expect(after.map((name) => (Object.hasOwn(back, name) ? back[name] : name))).toEqual(before)
      expect(new Set(after).size).toBe(new Set(before).size)
    })
  })

  it('22: the history has the order that the wire demands', () => {
    holds((request) => ORDER[to.id]?.(translated(request, to).body))
  })

  it('23: state that another party sealed is not in the body', () => {
    holds((request) => {
      const sealed = rewriteParts(request, (part) =>
        part.seal === undefined
          ? [part]
          : [{ ...part, seal: { ...part.seal, payload: 'SEALED', origin: { dialect: 'away' } } }],
      )
      expect(JSON.stringify(translated(sealed, to).body)).not.toContain('SEALED')
    })
  })

  it('38: lowering a second time changes nothing', () => {
    holds((request) => {
      const { lowered } = translated(request, to)
      expect(to.lower(lowered, PROFILE).value).toEqual(lowered)
    })
  })

  it('39: settings that arrive otherwise are noted', () => {
    holds((request) => {
      const { notes, back } = translated(request, to)
      const noted = new Set(notes.flatMap((note) => [note.feature, note.path]))
      for (const [key, value] of Object.entries(request.sampling)) {
        const arrived = Object.entries(back.sampling).find(([name]) => name === key)?.[1]
        const silent = NEUTRAL.some((neutral) => equalJson(neutral, plain(value)))
        const same = silent || equalJson(plain(arrived), plain(value))
        expect({ key, same: same || noted.has(`sampling.${key}`) }).toEqual({ key, same: true })
      }
      const asked = request.maxOutputTokens
      expect(asked === undefined || back.maxOutputTokens === asked || noted.has('max_tokens')).toBe(
        true,
      )
      const type = request.output?.format?.type ?? 'text'
      const same = (back.output?.format?.type ?? 'text') === type
      expect(same || noted.has('output.format')).toBe(true)
    })
  })

  it('40: what user and assistant said arrives in order', () => {
    holds((request) => {
      const said = textsOf(request)
      const arrived = textsOf(translated(request, to).back).join('')
      let at = 0
      for (const text of said) {
        const found = arrived.indexOf(text, at)
        expect({ text, found: found >= at }).toEqual({ text, found: true })
        at = found + text.length
      }
    })
  })

  it('41: what the user sent is not dropped below weight 3, nor what protects someone below 4', () => {
    holds((request) => {
      const { notes } = translated(request, to)
      const media = new Set(['image', 'audio', 'video', 'file'])
      const lost = notes.filter((note) => note.action === 'dropped' && media.has(note.feature))
      expect(lost.every((note) => note.weight >= 3)).toBe(true)
      const region = request.service?.region
      if (region !== undefined && to.id !== 'anthropic-messages') {
        expect(notes.some((note) => note.feature === 'region' && note.weight === 4)).toBe(true)
      }
    })
    const guards: readonly Json[] = [
      { moderation: { model: 'm' } },
      { safe_prompt: true },
      { provider: { zdr: true } },
      { provider: { data_collection: 'deny' } },
    ]
    const [chat] = dialects
    for (const guard of guards) {
      const body = { model: 'm', messages: [], ...(isObject(guard) ? guard : {}) }
      const request = chat?.request.decode({ method: 'POST', path: '', headers: {}, body })
      const notes = request === undefined ? [] : to.lower(request, PROFILE).notes
      expect(notes.some((note) => note.weight === 4)).toBe(to !== chat)
    }
  })
})

/** Settings that ask for what happens anyway. */
const NEUTRAL: readonly Json[] = [[], {}, false, 0, 1]

/** Wires that refuse a result without its call. */
const INSISTS: ReadonlySet<string> = new Set(['openai-chat', 'anthropic-messages'])

function parsedOf(text: string): Json | undefined {
  try {
    const value: Json = JSON.parse(text)
    return value
  } catch {
    return undefined
  }
}

/** Without blanks, which wires trim and join by. */
function textsOf({ turns }: ChatRequest): readonly string[] {
  return turns
    .filter((turn) => turn.role === 'user' || turn.role === 'assistant')
    .flatMap((turn) => turn.parts)
    .flatMap((part) => (part.type === 'text' ? [part.text.replaceAll(/\s/g, '')] : []))
    .filter((text) => text !== '')
}

function objectsIn(value: Json | undefined): readonly ObjectReader[] {
  return (isArray(value) ? value : []).flatMap((item) =>
    isObject(item) ? [new ObjectReader(item, '')] : [],
  )
}

/** What each wire's own server would answer 400 to. */
const ORDER: Readonly<Record<string, (body: Json) => void>> = {
  'openai-chat'(body) {
    let open = new Set<string>()
    for (const message of objectsIn(isObject(body) ? body['messages'] : undefined)) {
      if (message.string('role') === 'tool') {
        expect(open.delete(message.string('tool_call_id'))).toBe(true)
      } else {
        expect([...open]).toEqual([])
        open = new Set(objectsIn(message.peek('tool_calls')).map((call) => call.string('id')))
      }
    }
    expect([...open]).toEqual([])
  },

  'anthropic-messages'(body) {
    const messages = objectsIn(isObject(body) ? body['messages'] : undefined)
    expect(ObjectReader.of(body, '').number('max_tokens')).toBeGreaterThan(0)
    expect(messages[0]?.string('role') ?? 'user').toBe('user')
    const joined: { role: string; blocks: ObjectReader[] }[] = []
    for (const message of messages) {
      const blocks = objectsIn(message.peek('content'))
      const last = joined.at(-1)
      if (last?.role === message.string('role')) last.blocks.push(...blocks)
      else joined.push({ role: message.string('role'), blocks: [...blocks] })
    }
    let open = new Set<string>()
    for (const { role, blocks } of joined) {
      const types = blocks.map((block) => block.string('type'))
      for (const block of blocks) {
        if (block.peek('type') === 'text') expect(block.string('text').trim()).not.toBe('')
      }
      if (role === 'user') {
        const results = blocks.filter((block) => block.peek('type') === 'tool_result')
        expect(types.lastIndexOf('tool_result')).toBe(results.length - 1)
        for (const result of results) expect(open.delete(result.string('tool_use_id'))).toBe(true)
      }
      expect([...open]).toEqual([])
      const calls = blocks.filter((block) => block.peek('type') === 'tool_use')
      open = new Set(calls.map((call) => call.string('id')))
    }
    expect([...open]).toEqual([])
  },

  ollama(body) {
    for (const message of objectsIn(isObject(body) ? body['messages'] : undefined)) {
      expect(['system', 'user', 'assistant', 'tool']).toContain(message.string('role'))
      expect(message.string('content')).toBeTypeOf('string')
      for (const call of objectsIn(message.peek('tool_calls'))) {
        expect(isObject(call.object('function').peek('arguments'))).toBe(true)
      }
    }
  },
}

function encoding(to: Dialect): EncodeContext {
  const request = { ...emptyRequest(to.id), stream: { enabled: true, includeUsage: true } }
  return { request, requestId: 'req_invariants', now: () => 1_700_000_000_000 }
}

function answered(response: ChatResponse, to: Dialect): ChatResponse {
  const context = encoding(to)
  const wire = to.response.encode(response, context).value
  const { body } = wire
  return to.response.decode(
    { ...wire, ...(body === undefined ? {} : { body: plain(body) ?? null }) },
    { request: context.request, profile: PROFILE },
  )
}

function streamed(response: ChatResponse, to: Dialect): ChatResponse {
  const context = encoding(to)
  const frames = encodeStream(to, [...explode(response)], context)
  return collected(to, decodeFrames(to, frames, { request: context.request, profile: PROFILE }))
}

function saying(more: Partial<ChatResponse>): ChatResponse {
  const parts: readonly Part[] = [{ type: 'text', text: 'Yes.' }]
  const candidates = [{ index: 0, parts, finish: { reason: 'stop' as const } }]
  return { origin: { dialect: 'away' }, model: 'm', candidates, ...more }
}

/** Counts that can be: what is part of a total is not more than it. */
const countsArbitrary: fc.Arbitrary<Usage> = fc
  .tuple(fc.nat(9999), fc.nat(9999), fc.nat(9999), fc.nat(9999), fc.nat(9999))
  .map(([fresh, cacheRead, cacheWrite, answer, reasoning]) => ({
    input: { total: fresh + cacheRead + cacheWrite, cacheRead, cacheWrite },
    output: { total: answer + reasoning, reasoning },
  }))

each('answers to clients of $id', ({ to }) => {
  it('27: counts that the wire has a place for arrive as they were', () => {
    fc.assert(
      fc.property(countsArbitrary, (usage) => {
        const read = answered(saying({ usage }), to).usage
        expect([read?.input?.total, read?.output?.total]).toEqual([
          usage.input?.total,
          usage.output?.total,
        ])
        const { cacheRead, cacheWrite } = usage.input ?? {}
        const sayable = compact({ cacheRead, cacheWrite, reasoning: usage.output?.reasoning })
        const said = omit(sayable, UNCOUNTED[to.id] ?? [])
        expect({ ...read?.input, ...read?.output }).toMatchObject(said)
      }),
      RUNS,
    )
  })

  it('28: counts are whole numbers that are not negative, and parts add up to their total', () => {
    fc.assert(
      fc.property(fc.oneof(countsArbitrary, usageArbitrary), (usage) => {
        const foreign = { ...usage, raw: { dialect: 'away', value: {} } }
        const { body } = to.response.encode(saying({ usage: foreign }), encoding(to)).value
        const printed = isObject(body) ? body : {}
        const counts = isObject(printed['usage']) ? printed['usage'] : printed
        for (const [key, value] of Object.entries(counts)) {
          if (/tokens$|count$/.test(key) && value !== null) {
            expect(Number.isSafeInteger(value) && Number(value) >= 0).toBe(true)
          }
        }
      }),
      RUNS,
    )
  })

  it('29: what is unknown does not become 0, but where the wire demands a number, with a note', () => {
    const { value, notes } = to.response.encode(saying({}), encoding(to))
    const zero = /"[a-z_]*(?:tokens|count)":0/.test(JSON.stringify(value.body))
    expect(zero).toBe(notes.some((note) => note.feature === 'usage'))
    expect(zero).toBe(COUNTING.has(to.id))
  })

  it('30: a stream ends with the counts of the whole answer', () => {
    fc.assert(
      fc.property(countsArbitrary, (usage) => {
        const whole = answered(saying({ usage }), to).usage
        const stream = streamed(saying({ usage }), to).usage
        expect([stream?.input, stream?.output]).toEqual([whole?.input, whole?.output])
      }),
      RUNS,
    )
  })

  it('31: every reason to stop has a word, and keeps its meaning once it has been said', () => {
    fc.assert(
      fc.property(responseArbitrary, (response) => {
        const first = response.candidates[0]
        if (first === undefined || to.response.encode(response, encoding(to)).value.status !== 200)
          return
        const once = answered(response, to)
        const twice = answered({ ...once, origin: { dialect: 'away' } }, to)
        expect(twice.candidates[0]?.finish?.reason).toBe(once.candidates[0]?.finish?.reason)
        const calls = once.candidates[0]?.parts.some((part) => part.type === 'tool-call') === true
        if (once.candidates[0]?.finish?.reason === 'tool-calls') expect(calls).toBe(true)
        if (calls) expect(STOPPED.has(once.candidates[0]?.finish?.reason ?? 'stop')).toBe(false)
      }),
      RUNS,
    )
  })
})

/** Counts that a wire has no place for. */
const UNCOUNTED: Readonly<Record<string, readonly ('cacheRead' | 'cacheWrite' | 'reasoning')[]>> = {
  ollama: ['cacheRead', 'cacheWrite', 'reasoning'],
  gemini: ['cacheWrite'],
  'mistral-chat': ['cacheWrite'],
}

/** Wires whose clients refuse an answer without counts. */
const COUNTING: ReadonlySet<string> = new Set([
  'anthropic-messages',
  'openai-responses',
  'mistral-chat',
])

/** An answer with calls that says one of these would leave them unanswered. */
const STOPPED: ReadonlySet<FinishReason> = new Set(['stop'])

const KINDS: readonly ErrorKind[] = [
  'invalid_request',
  'unsupported',
  'auth',
  'permission',
  'not_found',
  'conflict',
  'request_too_large',
  'context_length',
  'rate_limit',
  'quota',
  'content_policy',
  'overloaded',
  'timeout',
  'upstream',
  'internal',
  'cancelled',
]

/** Kinds for which a wire has no word of its own, and what is read there instead. */
const MERGED: Readonly<Record<string, Partial<Record<ErrorKind, ErrorKind>>>> = {
  'anthropic-messages': { unsupported: 'invalid_request', content_policy: 'invalid_request' },
  ollama: {
    unsupported: 'invalid_request',
    context_length: 'invalid_request',
    content_policy: 'invalid_request',
    quota: 'rate_limit',
  },
  gemini: {
    unsupported: 'invalid_request',
    context_length: 'invalid_request',
    content_policy: 'invalid_request',
  },
}

const wordsArbitrary = fc.constantFrom('It failed.', 'No.', 'Try again later, please.', '')

interface Said {
  readonly kind: ErrorKind
  readonly message: string
  readonly retryAfterMs: number | undefined
}

each('failures for clients of $id', ({ to }) => {
  const failure: fc.Arbitrary<Said> = fc.record({
    kind: fc.constantFrom(...KINDS),
    message: wordsArbitrary,
    retryAfterMs: fc.option(fc.integer({ min: 1, max: 100_000 }), { nil: undefined }),
  })
  const failed = ({ kind, message, retryAfterMs }: Said): GatewayError =>
    new GatewayError(kind, message, {
      origin: 'client',
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    })

  it('33: keep their kind, up to what the wire cannot tell apart', () => {
    fc.assert(
      fc.property(failure, (said) => {
        const read = to.error.decode(to.error.encode(failed(said), 'r'))
        expect(read.kind).toBe(MERGED[to.id]?.[said.kind] ?? said.kind)
      }),
      RUNS,
    )
  })

  it('34: keep the class of their status, and the hint when to try again; none after a quota', () => {
    fc.assert(
      fc.property(failure, (said) => {
        const error = failed(said)
        const wire = to.error.encode(error, 'r')
        expect(Math.floor(wire.status / 100)).toBe(Math.floor(error.status / 100))
        const read = to.error.decode(wire)
        if (said.kind === 'quota') expect(wire.headers['retry-after']).toBeUndefined()
        else if (error.retryable && said.retryAfterMs !== undefined) {
          expect(Math.abs((read.retryAfterMs ?? 0) - said.retryAfterMs)).toBeLessThan(1000)
        }
      }),
      RUNS,
    )
  })

  it('35: that come after the answer has begun are said in the stream', () => {
    fc.assert(
      fc.property(failure, fc.nat(3), (said, cut) => {
        const begun = [...explode(saying({}))].slice(0, cut)
        const events = [...begun, { type: 'error' as const, error: failed(said) }]
        const frames = encodeStream(to, events, encoding(to))
        const read = decodeFrames(to, frames, { request: requestWith({}), profile: PROFILE })
        expect(read.at(-1)?.type).toBe('error')
        expect(read.filter((event) => event.type === 'candidate-end')).toEqual([])
      }),
      RUNS,
    )
  })

  it('36: never show markup, nor a provider’s words about our own account', () => {
    const texts = fc.constantFrom('<html><b>sk-1</b></html>', 'key sk-1 is bad', '<!doctype html>')
    fc.assert(
      fc.property(fc.integer({ min: 300, max: 599 }), texts, (status, text) => {
        const bodies: readonly Json[] = [{ error: text }, { error: { message: text } }, text]
        for (const body of bodies) {
          const read = to.error.decode({ status, headers: {}, body, text })
          expect(read.message).not.toContain('<')
          const shown = JSON.stringify(to.error.encode(read, 'r').body)
          if ([401, 402, 403].includes(status)) expect(shown).not.toContain('sk-1')
        }
      }),
      RUNS,
    )
  })
})
