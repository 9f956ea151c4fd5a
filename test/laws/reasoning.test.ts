// Laws 23 to 26: sealed thinking goes back to whoever made it, exactly, and to no one else; thinking is never shown as speech.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compact } from '../../src/canonical/compact.ts'
import type { Part, Sealed } from '../../src/canonical/part.ts'
import type { ChatResponse } from '../../src/canonical/response.ts'
import { plain } from '../../src/dialects/dialect.contract.ts'
import type { Dialect } from '../../src/dialects/dialect.ts'
import { rewriteParts } from '../../src/dialects/lowering/rewrite.ts'
import { requestArbitrary, sealArbitrary } from '../../src/dialects/lowering/request.arbitrary.ts'
import { unwrapSeal, wrapSeal } from '../../src/dialects/lowering/seal.ts'
import { dialects } from '../../src/dialects/registry.ts'
import { type Json, type JsonObject, isArray, isObject } from '../../src/wire/json.ts'
import { ECHOES } from './echoes.ts'
import {
  PROFILE,
  RUNS,
  answered,
  decodedRequest,
  decoding,
  each,
  encoding,
  holds,
  saying,
  streamed,
  translated,
} from './ground.ts'

const payload = fc.string({
  unit: fc.constantFrom('A', 'B', 'c', 'd', '0', '1', '+', '/'),
  minLength: 8,
  maxLength: 24,
})

/** Answers with sealed state, as each vendor gives them. */
const SEALED: Readonly<Record<string, fc.Arbitrary<JsonObject>>> = {
  'anthropic-messages': fc
    .tuple(payload, payload, fc.boolean(), fc.boolean())
    .map(([signature, data, hidden, called]) => ({
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: [
        { type: 'thinking', thinking: 'Let me think.', signature },
        ...(hidden ? [{ type: 'redacted_thinking', data }] : []),
        { type: 'text', text: 'Well.' },
        ...(called ? [{ type: 'tool_use', id: 'toolu_1', name: 'f', input: {} }] : []),
      ],
      stop_reason: called ? 'tool_use' : 'end_turn',
      stop_sequence: null,
      usage: { input_tokens: 1, output_tokens: 1 },
    })),
  'openai-responses': fc
    .tuple(payload, fc.boolean(), fc.boolean())
    .map(([encrypted_content, told, called]) => ({
      id: 'resp_1',
      object: 'response',
      created_at: 1,
      model: 'm',
      status: 'completed',
      output: [
        {
          id: 'rs_1',
          type: 'reasoning',
          summary: told ? [{ type: 'summary_text', text: 'Let me think.' }] : [],
          encrypted_content,
        },
        called
          ? {
              id: 'fc_1',
              type: 'function_call',
              call_id: 'call_1',
              name: 'f',
              arguments: '{}',
              status: 'completed',
            }
          : {
              id: 'msg_1',
              type: 'message',
              role: 'assistant',
              status: 'completed',
              content: [{ type: 'output_text', text: 'Well.', annotations: [] }],
            },
      ],
      usage: null,
    })),
  gemini: fc
    .tuple(payload, payload, fc.boolean(), fc.boolean())
    .map(([first, second, told, called]) => ({
      candidates: [
        {
          index: 0,
          finishReason: 'STOP',
          content: {
            role: 'model',
            parts: [
              ...(told ? [{ text: 'Let me think.', thought: true }] : []),
              ...(called
                ? [
                    { functionCall: { id: 'a', name: 'f', args: {} }, thoughtSignature: first },
                    { functionCall: { id: 'b', name: 'g', args: {} } },
                  ]
                : [{ text: 'Well.', thoughtSignature: second }]),
            ],
          },
        },
      ],
      responseId: 'r1',
      modelVersion: 'm',
    })),
}

/** Clients with a slot for another's state. */
const SENTINEL = 'skip_thought_signature_validator'
const CARRIERS: ReadonlySet<string> = new Set([
  'openai-chat',
  'openai-responses',
  'anthropic-messages',
  'gemini',
  'mistral-chat',
])

/** State in a body, each with the keys that lead to it but for places in lists that neighbours share. */
function stateIn(value: Json | undefined): readonly string[] {
  if (isArray(value)) return value.flatMap((item) => stateIn(item))
  if (!isObject(value)) return []
  const kind = Object.keys(value)
    .filter((key) => KINDS.has(key))
    .join()
  return Object.entries(value).flatMap(([key, inner]) =>
    STATE.has(key) ? [`${String(value['type'] ?? kind)}.${key}=${String(inner)}`] : stateIn(inner),
  )
}

const KINDS: ReadonlySet<string> = new Set(['text', 'functionCall'])
const STATE: ReadonlySet<string> = new Set([
  'signature',
  'data',
  'encrypted_content',
  'thoughtSignature',
])

function answerOf(vendor: Dialect, body: JsonObject): ChatResponse {
  return vendor.response.decode({ status: 200, headers: {}, body }, decoding(vendor))
}

/** What the vendor reads when a client of `client` echoes its answer. */
function echoed(vendor: Dialect, client: Dialect, body: JsonObject): Json {
  const shown = client.response.encode(answerOf(vendor, body), encoding(client)).value.body
  const said = plain(shown)
  const echo = ECHOES[client.id]?.(isObject(said) ? said : {}) ?? {}
  return translated(decodedRequest(client, plain(echo) ?? null), vendor).body
}

const vendors = dialects.filter(({ id }) => SEALED[id] !== undefined)

each('state in requests to $id', (to) => {
  it('23: what another party sealed is not in the body, be it of another protocol or another provider of the same', () => {
    const others: readonly Sealed['origin'][] = [
      { dialect: 'away' },
      { dialect: to.id, provider: 'another' },
    ]
    holds((request) => {
      for (const origin of others) {
        const sealed = rewriteParts(request, (part) =>
          part.seal === undefined
            ? [part]
            : [{ ...part, seal: { ...part.seal, payload: 'SEALED', origin } }],
        )
        expect(JSON.stringify(translated(sealed, to).body)).not.toContain('SEALED')
      }
    })
  })

  it('23: what a client carries for another vendor is not in the body, nor any envelope', () => {
    const answers = vendors.filter((vendor) => vendor !== to)
    for (const vendor of answers) {
      fc.assert(
        fc.property(
          SEALED[vendor.id] ?? fc.constant({}),
          fc.constantFrom(...dialects),
          (body, client) => {
            const shown = plain(
              client.response.encode(answerOf(vendor, body), encoding(client)).value.body,
            )
            const echo = ECHOES[client.id]?.(isObject(shown) ? shown : {}) ?? {}
            const said = JSON.stringify(
              translated(decodedRequest(client, plain(echo) ?? null), to).body,
            )
            for (const state of stateIn(body))
              expect(said).not.toContain(state.slice(state.indexOf('=') + 1))
            expect(said).not.toMatch(/pb1\.|cGIxL/)
          },
        ),
        RUNS,
      )
    }
  })
})

describe('envelopes', () => {
  it('24: give back what was put in, are not wrapped twice, and once altered give nothing', () => {
    fc.assert(
      fc.property(
        sealArbitrary,
        fc.nat(),
        fc.string({ minLength: 1, maxLength: 1 }),
        (seal, place, other) => {
          const envelope = wrapSeal(seal)
          const inside = unwrapSeal(envelope)
          const wrapped = unwrapSeal(seal.payload)
          if (wrapped === undefined || wrapped === 'foreign') expect(inside).toEqual(compact(seal))
          expect(wrapSeal({ payload: envelope, format: 'any', origin: { dialect: 'any' } })).toBe(
            envelope,
          )
          const at = 4 + (place % (envelope.length - 4))
          const altered = `${envelope.slice(0, at)}${other}${envelope.slice(at + 1)}`
          if (altered !== envelope) expect(sameOrForeign(unwrapSeal(altered), inside)).toBe(true)
          expect(unwrapSeal(envelope.slice(0, at))).toBe('foreign')
        },
      ),
      RUNS,
    )
  })

  it.each(vendors.map((vendor) => ({ id: vendor.id, vendor })))(
    '24: altered on their way, they reach $id neither as state nor as text',
    ({ vendor }) => {
      fc.assert(
        fc.property(SEALED[vendor.id] ?? fc.constant({}), fc.nat(), (body, place) => {
          for (const client of dialects) {
            if (client === vendor) continue
            const shown = plain(
              client.response.encode(answerOf(vendor, body), encoding(client)).value.body,
            )
            const echo = JSON.stringify(ECHOES[client.id]?.(isObject(shown) ? shown : {}))
            const broken = echo.replaceAll(/(?:pb1\.|cGIxL)[\w.+/=-]*/g, (envelope) => {
              // The last bits of base64 can be padding, which nobody reads.
              const at = 8 + (place % (envelope.length - 12))
              return `${envelope.slice(0, at)}${envelope[at] === 'x' ? 'y' : 'x'}${envelope.slice(at + 1)}`
            })
            if (broken === echo) continue
            const read = translated(decodedRequest(client, JSON.parse(broken)), vendor).body
            for (const state of stateIn(body)) {
              expect(JSON.stringify(read)).not.toContain(state.slice(state.indexOf('=') + 1))
            }
            expect(JSON.stringify(read)).not.toMatch(/pb1\.|cGIxL/)
          }
        }),
        RUNS,
      )
    },
  )
})

/** The seal of an altered envelope: none, or, where only base64 padding bits changed, the same. */
function sameOrForeign(
  read: ReturnType<typeof unwrapSeal>,
  before: ReturnType<typeof unwrapSeal>,
): boolean {
  return read === 'foreign' || JSON.stringify(read) === JSON.stringify(before)
}

describe.each(vendors.map((vendor) => ({ id: vendor.id, vendor })))(
  'state of $id',
  ({ vendor }) => {
    it('25: comes back byte by byte in the place where it was, whatever the client speaks that can carry it', () => {
      fc.assert(
        fc.property(SEALED[vendor.id] ?? fc.constant({}), (body) => {
          const own = stateIn(echoed(vendor, vendor, body))
          expect(own).toEqual(stateIn(body))
          for (const client of dialects) {
            if (!CARRIERS.has(client.id)) continue
            const { notes } = client.response.encode(answerOf(vendor, body), encoding(client))
            // Clients of Mistral expect a place for state beside thinking only: elsewhere its loss is told.
            const told = notes.some(({ feature }) => feature === 'reasoning_state')
            const back = stateIn(echoed(vendor, client, body))
            if (told) {
              expect(client.id).toBe('mistral-chat')
              // In the place of what was lost stands the word that the vendor's validator takes.
              const signed = back.filter((state) => !state.endsWith(SENTINEL))
              expect(own).toEqual(expect.arrayContaining(signed))
            } else {
              expect([client.id, back]).toEqual([client.id, own])
            }
          }
        }),
        RUNS,
      )
    })
  },
)

const thinking = fc.array(
  fc.tuple(
    fc.constantFrom('text' as const, 'reasoning' as const),
    fc.option(sealArbitrary, { nil: undefined }),
  ),
  { minLength: 1, maxLength: 5 },
)

function apart(parts: readonly Part[]): void {
  for (const part of parts) {
    if (part.type === 'text' || part.type === 'refusal') expect(part.text).not.toContain('THOUGHT')
    if (part.type === 'reasoning') expect(part.text).not.toContain('SAID')
  }
}

each('speech and thinking of $id', (to) => {
  it('26: thinking is never shown as speech, nor speech as thinking, in answers, streams and requests', () => {
    fc.assert(
      fc.property(thinking, requestArbitrary, (kinds, request) => {
        const parts = kinds.map(([type, seal], at): Part => {
          if (type === 'text') return { type, text: `SAID${at}. ` }
          return { type, text: `THOUGHT${at}. `, ...compact({ seal }) }
        })
        const answer = saying({ candidates: [{ index: 0, parts, finish: { reason: 'stop' } }] })
        apart(answered(answer, to).candidates[0]?.parts ?? [])
        apart(streamed(answer, to).candidates[0]?.parts ?? [])
        const turns = [...request.turns, { role: 'assistant' as const, parts }]
        apart(
          translated({ ...request, turns }, to, PROFILE).back.turns.flatMap((turn) => turn.parts),
        )
      }),
      RUNS,
    )
  })
})
