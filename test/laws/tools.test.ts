// Laws 18 to 22: ids, names, arguments and results of tools, whatever the target, along any chain of them.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ToolCallPart } from '../../src/canonical/part.ts'
import type { ChatRequest } from '../../src/canonical/request.ts'
import { textOf } from '../../src/canonical/part.ts'
import { dialects } from '../../src/dialects/registry.ts'
import { RestoredTools } from '../../src/providers/restored-tools.ts'
import { type Json, equalJson, tryParseJson } from '../../src/wire/json.ts'
import { chained, conversationArbitrary } from './conversations.arbitrary.ts'
import { PROFILE, RUNS, callsOf, each, holds, partsOf, saying, translated } from './ground.ts'
import { ORDER } from './wire-order.ts'

/** Ids that a target takes as they are. */
const LEGAL: Readonly<Record<string, RegExp>> = {
  'openai-chat': /^.{1,40}$/s,
  'openai-responses': /^.{1,64}$/s,
  'anthropic-messages': /^[A-Za-z0-9_-]+$/,
  gemini: /^/,
  'mistral-chat': /^[A-Za-z0-9]{9}$/,
  ollama: /^/,
}

/** Names that a target takes. */
const NAMES: Readonly<Record<string, RegExp>> = {
  'openai-chat': /^[A-Za-z0-9_-]{1,64}$/,
  'openai-responses': /^[A-Za-z0-9_-]{1,128}$/,
  'anthropic-messages': /^[A-Za-z0-9_-]{1,128}$/,
  gemini: /^[A-Za-z_][A-Za-z0-9_.:-]{0,127}$/,
  'mistral-chat': /^[A-Za-z0-9_-]{1,64}$/,
  ollama: /^/,
}

/** Wires whose arguments are text. */
const AS_TEXT = dialects.filter(({ id }) =>
  ['openai-chat', 'openai-responses', 'mistral-chat'].includes(id),
)

/** Wires that refuse a result without its call. */
const INSISTS: ReadonlySet<string> = new Set(['openai-chat', 'anthropic-messages', 'mistral-chat'])

const chains = fc.array(fc.constantFrom(...dialects), { minLength: 1, maxLength: 3 })

function markOf(call: ToolCallPart): Json | undefined {
  const { json } = call.arguments
  return typeof json === 'object' && json !== null && 'mark' in json ? json.mark : undefined
}

/** By call, in order: its number, and what its result says. */
function pairsOf(request: ChatRequest): readonly unknown[] {
  const results = partsOf(request).filter((part) => part.type === 'tool-result')
  return callsOf(request).map((call) => {
    const result = results.find((one) => one.callId === call.callId)
    return [markOf(call), result === undefined ? undefined : textOf(result.content)]
  })
}

each('requests to $id', (to) => {
  it('18: ids of calls are mapped one to one, the same way each time, a legal one to itself, and a second time not at all', () => {
    holds((request) => {
      const { lowered } = translated(request, to)
      const before = callsOf(request).map((call) => call.callId)
      const after = callsOf(lowered).map((call) => call.callId)
      expect(after).toHaveLength(before.length)
      // Reading and merging keep calls in their order.
      const pairs = new Set(before.map((id, at) => JSON.stringify([id, after[at]])))
      expect(pairs.size).toBe(new Set(before).size)
      expect(pairs.size).toBe(new Set(after).size)
      const legal = LEGAL[to.id] ?? /^/
      for (const [at, id] of before.entries()) {
        expect(after[at]).toMatch(legal)
        if (legal.test(id)) expect(after[at]).toBe(id)
      }
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
        const parsed = equalJson(arrived?.json, tryParseJson(text))
        const noted = notes.some((note) => note.feature === 'tool_arguments')
        expect(same || empty || parsed || noted).toBe(true)
      }
    })
  })

  it('21: names of tools stay apart, are legal, and lead back to the client’s own in answers and choice', () => {
    holds((request) => {
      const { lowered } = translated(request, to)
      const back = lowered.renamedTools ?? {}
      const before = callsOf(request).map((call) => call.name)
      const after = callsOf(lowered).map((call) => call.name)
      expect(after.map((name) => (Object.hasOwn(back, name) ? back[name] : name))).toEqual(before)
      expect(new Set(after).size).toBe(new Set(before).size)
      for (const name of after) expect(name).toMatch(NAMES[to.id] ?? /^/)
      const parts = callsOf(lowered).map((call) => ({ ...call, kind: 'function' as const }))
      const answer = saying({ candidates: [{ index: 0, parts }] })
      const restored = new RestoredTools(compactOf(lowered), 'lab').response(answer)
      expect(
        restored.candidates[0]?.parts.map((part) => (part.type === 'tool-call' ? part.name : '')),
      ).toEqual(before)
      const offered = new Set((lowered.tools ?? []).map(({ name }) => name))
      const chosen = (lowered.toolChoice?.only ?? []).filter((name) => Object.hasOwn(back, name))
      const known = new Set((request.tools ?? []).map(({ name }) => name))
      for (const name of chosen) {
        if (known.has(back[name] ?? '')) expect(offered.has(name)).toBe(true)
      }
    })
  })

  it('22: the history has the order that the wire demands', () => {
    holds((request) => ORDER[to.id]?.(translated(request, to).body))
  })
})

describe('any chain of dialects', () => {
  it('19: results stay with their calls, and calls in their order', () => {
    fc.assert(
      fc.property(conversationArbitrary, chains, (request, chain) => {
        const arrived = chained(request, chain)
        expect(pairsOf(arrived)).toEqual(pairsOf(request))
        const ids = callsOf(arrived).map(({ callId }) => callId)
        expect(new Set(ids).size).toBe(ids.length)
      }),
      RUNS,
    )
  })

  it('20: arguments arrive byte by byte where all wires have text, and with the same value anywhere', () => {
    const texts = fc.array(fc.constantFrom(...AS_TEXT), { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(conversationArbitrary, texts, chains, (request, asText, chain) => {
        const said = callsOf(request).map((call) => call.arguments)
        const spelled = callsOf(chained(request, asText)).map((call) => call.arguments.text)
        expect(spelled).toEqual(said.map(({ text }) => text))
        const values = callsOf(chained(request, chain)).map((call) => call.arguments.json)
        expect(values).toEqual(said.map(({ json }) => json))
      }),
      RUNS,
    )
  })
})

function compactOf({
  renamedTools,
  wrappedTools,
}: ChatRequest): Pick<ChatRequest, 'renamedTools' | 'wrappedTools'> {
  return {
    ...(renamedTools === undefined ? {} : { renamedTools }),
    ...(wrappedTools === undefined ? {} : { wrappedTools: wrappedTools.filter(() => false) }),
  }
}
