// Laws 38 to 43: what a lowering may do to a request, and what it must say of it.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Policy, refusedNotes } from '../../src/canonical/note.ts'
import type { Part } from '../../src/canonical/part.ts'
import type { ChatRequest, Turn } from '../../src/canonical/request.ts'
import { plain } from '../../src/dialects/dialect.contract.ts'
import {
  requestArbitrary,
  requestWith,
  text,
} from '../../src/dialects/lowering/request.arbitrary.ts'
import { dialects } from '../../src/dialects/registry.ts'
import { type Json, equalJson, isObject } from '../../src/wire/json.ts'
import { fakeTransport } from '../fake-transport.ts'
import { chained } from './conversations.arbitrary.ts'
import { exchangeOf, providerOf } from './fake-provider.ts'
import { PROFILE, RUNS, decodedRequest, each, holds, translated } from './ground.ts'
import { digestOfLowered } from './lowered-digest.ts'
import { wires } from './wires.ts'

each('requests to $id', (to) => {
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

  it('42: a request of the same protocol is not changed by lowering', () => {
    fc.assert(
      fc.property(wires[to.id]?.requests ?? fc.constant({}), (body) => {
        const request = decodedRequest(to, body)
        const { value, notes } = to.lower(request, PROFILE)
        expect(notes.filter(({ weight }) => weight > 0)).toEqual([])
        expect(plain(to.request.encode(value, PROFILE).body)).toEqual(
          plain(to.request.encode(request, PROFILE).body),
        )
      }),
      RUNS,
    )
  })

  it('43: what a stricter policy lets pass passes under a laxer one, and is sent as the same body', async () => {
    const policies: readonly Policy[] = ['strict', 'default', 'lenient']
    let passed = 0
    await fc.assert(
      fc.asyncProperty(fc.oneof(modest, requestArbitrary), async (request) => {
        const transport = fakeTransport(() => ({ status: 400, chunks: ['{}'] }))
        const provider = providerOf(to, transport)
        const sent: (Json | undefined)[] = []
        for (const policy of policies) {
          const before = transport.sent.length
          await provider.handle(exchangeOf(request, { policy })).catch(() => undefined)
          sent.push(transport.sent.at(before)?.json)
        }
        const [strict, usual, lenient] = sent
        if (strict !== undefined) expect(usual).toEqual(strict)
        if (usual !== undefined) expect(lenient).toEqual(usual)
        if (strict !== undefined) passed += 1
        const { notes } = to.lower({ ...request, model: 'm' }, PROFILE)
        const [most = [], some = [], few = []] = policies.map((policy) =>
          refusedNotes(policy, notes),
        )
        expect(some.every((note) => most.includes(note))).toBe(true)
        expect(few.every((note) => some.includes(note))).toBe(true)
      }),
      RUNS,
    )
    expect(passed).toBeGreaterThan(RUNS.numRuns / 100)
  })

  it('39: a request without a note of weight means the same when it is read back', () => {
    let silent = 0
    fc.assert(
      fc.property(modest, (request) => {
        const { notes, back } = translated(request, to)
        if (notes.some(({ weight }) => weight > 0)) return
        silent += 1
        expect(meaningOf(back)).toEqual(meaningOf(request))
      }),
      RUNS,
    )
    expect(silent).toBeGreaterThan(RUNS.numRuns / 50)
  })
})

const word = fc
  .string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 8 })
  .map((said) => `${said}.`)

/** Requests that many targets can take as they are. */
const modest: fc.Arbitrary<ChatRequest> = fc
  .record(
    {
      system: word,
      exchanges: fc.array(fc.tuple(word, word), { maxLength: 2 }),
      tools: fc.constant([
        { kind: 'function' as const, name: 'f', parameters: { type: 'object', properties: {} } },
      ]),
      mode: fc.constantFrom('auto' as const, 'none' as const),
      temperature: fc.constantFrom(0, 0.5, 1),
      topP: fc.constantFrom(0.5, 1),
      stop: fc.array(word, { minLength: 1, maxLength: 2 }),
      seed: fc.nat(99),
      maxOutputTokens: fc.constantFrom(16, 4096),
      json: fc.boolean(),
      enabled: fc.boolean(),
    },
    { requiredKeys: ['exchanges', 'enabled', 'maxOutputTokens'] },
  )
  .map(
    ({
      system,
      exchanges,
      tools,
      mode,
      temperature,
      topP,
      stop,
      seed,
      maxOutputTokens,
      json,
      enabled,
    }) =>
      requestWith({
        turns: [
          ...(system === undefined
            ? []
            : [{ role: 'system' as const, place: 'top' as const, parts: [text(system)] }]),
          ...exchanges.flatMap(([asked, said]): readonly Turn[] => [
            { role: 'user', parts: [text(asked)] },
            { role: 'assistant', parts: [text(said)] },
          ]),
          { role: 'user', parts: [text('And now?')] },
        ],
        ...(tools === undefined
          ? {}
          : { tools, ...(mode === undefined ? {} : { toolChoice: { mode } }) }),
        sampling: plainSampling({ temperature, topP, stop, seed }),
        maxOutputTokens,
        ...(json === true ? { output: { format: { type: 'json' } } } : {}),
        stream: { enabled },
      }),
  )

function plainSampling(said: {
  readonly [K in keyof ChatRequest['sampling']]: ChatRequest['sampling'][K] | undefined
}): ChatRequest['sampling'] {
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined))
}

/** What a request asks for, without who said it how. */
function meaningOf(request: ChatRequest): unknown {
  const { turns, tools = [], toolChoice, sampling, maxOutputTokens, output, stream } = request
  return {
    turns: turns.map(({ role, parts }) => [
      role === 'developer' ? 'system' : role,
      parts.map(saidIn).join(''),
    ]),
    tools: tools.map((tool) => [tool.kind, tool.name]),
    mode: tools.length === 0 ? 'auto' : (toolChoice?.mode ?? 'auto'),
    sampling: plain({ ...sampling, stop: [...(sampling.stop ?? [])] }),
    maxOutputTokens,
    format: output?.format?.type ?? 'text',
    stream: stream.enabled,
  }
}

function saidIn(part: Part): string {
  return part.type === 'text' ? part.text : `[${part.type}]`
}

describe('any two dialects', () => {
  it('40: what user and assistant said arrives in order, from each protocol to each', () => {
    fc.assert(
      fc.property(requestArbitrary, fc.constantFrom(...dialects), (request, from) => {
        const came = translated(request, from).back
        const said = textsOf(came)
        for (const to of dialects) {
          const arrived = textsOf(chained(came, [to])).join('')
          let at = 0
          for (const one of said) {
            const found = arrived.indexOf(one, at)
            expect({ to: to.id, text: one, found: found >= at }).toEqual({
              to: to.id,
              text: one,
              found: true,
            })
            at = found + one.length
          }
        }
      }),
      RUNS,
    )
  })

  it('38: another process lowers to the same', () => {
    const script = join(import.meta.dirname, 'lowered-digest.ts')
    const other = execFileSync(process.execPath, [script], { encoding: 'utf8' })
    expect(other.trim()).toBe(digestOfLowered())
  })
})

/** Settings that ask for what happens anyway. */
const NEUTRAL: readonly Json[] = [[], {}, false, 0, 1]

/** Without blanks, which wires trim and join by. */
function textsOf({ turns }: ChatRequest): readonly string[] {
  return turns
    .filter((turn) => turn.role === 'user' || turn.role === 'assistant')
    .flatMap((turn) => turn.parts)
    .flatMap((part) => (part.type === 'text' ? [part.text.replaceAll(/\s/g, '')] : []))
    .filter((text) => text !== '')
}
