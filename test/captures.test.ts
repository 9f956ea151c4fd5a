// What real SDKs and agent CLIs send, as captured on the wire, through the running gateway to upstreams of all six protocols.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { omit } from '../src/dialects/lowering/rewrite.ts'
import { type Json, isObject } from '../src/wire/json.ts'
import { type Id, IDS } from './bugs/protocols.ts'
import { coresOf, leavesOf, missingInOrder } from './captures/leaves.ts'
import { REFUSALS } from './captures/refusals.ts'
import { conversationIn } from './captures/said-in.ts'
import { type Answer, send } from './captures/send.ts'
import { shownText, valuesIn } from './captures/shown-text.ts'
import { type Before, type SixGateways, openSix } from './captures/six-gateways.ts'
import { chatFront, modelsOf } from './captures/wire-front.ts'
import { type CapturedRequest, capturedRequests, hasCorpus } from './corpus.ts'

interface Chat {
  readonly name: string
  readonly from: Id
  readonly capture: CapturedRequest
}

const captures = capturedRequests()
const chats: readonly Chat[] = captures.flatMap((capture) => {
  const from = chatFront(capture)
  return from === undefined ? [] : [{ name: capture.name, from, capture }]
})

const LENIENT = [['x-patchbay-policy', 'lenient']] as const

describe.skipIf(!hasCorpus())('captured chats', () => {
  let six: SixGateways
  beforeAll(async () => {
    six = await openSix([...new Set(captures.flatMap((capture) => modelsOf(capture)))])
  })
  afterAll(async () => {
    await six.close()
  })

  it('are there, with what tools were asked and answered', () => {
    const said = chats.map(({ from, capture }) => conversationIn(from, capture.body ?? null))
    expect(chats.length).toBeGreaterThan(580)
    // Some continue a kept answer with a result alone, or send what was cut from the capture.
    expect(said.filter(({ texts }) => texts.length === 0).length).toBeLessThan(6)
    expect(said.flatMap(({ tools }) => tools).length).toBeGreaterThan(700)
    expect(said.flatMap(({ calls }) => calls).length).toBeGreaterThan(50)
    expect(said.flatMap(({ results }) => results).length).toBeGreaterThan(50)
  })

  /** What came of the refusals on the list: those that no capture has met are stale. */
  const met = new Set<RegExp>()

  it.each(chats)('$name reaches all six protocols, and the answer its client', async (chat) => {
    for (const to of IDS) {
      const before = six.before(to)
      const first = await sent(before, chat.capture)
      if (first.answer.status === 200) {
        expect(outcome(chat, to, first)).toEqual(heardIn(to))
        if (chat.from === to) expectUntouched(chat, first)
        continue
      }
      const refusal = REFUSALS.find(
        ({ by, why }) => by(chat.from, to) && why.test(first.answer.text),
      )
      const { text } = first.answer
      expect({ to, text, listed: refusal !== undefined }).toEqual({ to, text, listed: true })
      expect({ to, calls: first.calls.length }).toEqual({ to, calls: 0 })
      if (refusal === undefined) continue
      met.add(refusal.why)
      const { capture } = chat
      const headers = [...capture.headers, ...LENIENT]
      const second = await sent(before, { ...capture, headers })
      if (refusal.always === true) expect(second.answer.status).toBe(first.answer.status)
      else expect(outcome(chat, to, second)).toEqual(heardIn(to))
    }
  })

  it('are refused for no more reasons than those listed', () => {
    expect(REFUSALS.filter(({ why }) => !met.has(why)).map(({ why }) => why)).toEqual([])
  })
})

interface Exchanged {
  readonly answer: Answer
  /** What the upstream was asked, but for its list of models. */
  readonly calls: readonly Json[]
}

async function sent({ opened, upstream }: Before, capture: CapturedRequest): Promise<Exchanged> {
  const start = upstream.requests.length
  const answer = await send(opened.url, capture)
  const calls = upstream.requests.slice(start).filter(({ method }) => method === 'POST')
  return { answer, calls: calls.map(({ json }) => json ?? null) }
}

/** As `outcome`, where all is well. */
function heardIn(to: Id): object {
  return {
    to,
    status: 200,
    calls: 1,
    lost: { texts: [], calls: [], results: [], tools: [] },
    shown: 'pong',
  }
}

function outcome({ from, capture }: Chat, to: Id, { answer, calls }: Exchanged): object {
  const { status, headers, text } = answer
  if (status !== 200) return { to, status, text }
  return {
    to,
    status,
    calls: calls.length,
    lost: lostBetween({ id: from, body: capture.body ?? null }, { id: to, body: calls[0] ?? null }),
    shown: shownText(from, valuesIn(String(headers['content-type']), text)),
  }
}

/** Of a client whose upstream speaks its own protocol. */
function expectUntouched({ name, capture }: Chat, { calls }: Exchanged): void {
  if (NORMALISED[name] === undefined) {
    expect(unpatched(calls[0])).toEqual(unpatched(capture.body))
  }
}

/** Requests that do not come out as they went in, and why. */
const NORMALISED: Readonly<Record<string, string>> = {
  'ai-sdk-v6-ollama-v2/image#0': 'its image is a Buffer printed as JSON, which no server takes',
  'openai-node/chat_kitchen_sink#0': 'gpt-4o-mini refuses the reasoning_effort among its settings',
  'openai-node-v6/chat_kitchen_sink#0':
    'gpt-4o-mini refuses the reasoning_effort among its settings',
}

/** Without what the gateway settles itself: whether answers are kept, and that usage is told. */
function unpatched(body: Json | undefined): object {
  return isObject(body) ? omit(body, ['store', 'stream_options']) : {}
}

interface Body {
  readonly id: Id
  readonly body: Json
}

/** What the client said and the upstream did not hear. */
function lostBetween(client: Body, upstream: Body): object {
  const said = conversationIn(client.id, client.body)
  const heard = conversationIn(upstream.id, upstream.body)
  const leaves = leavesOf(upstream.body)
  const within = (core: string): boolean => leaves.some((leaf) => leaf.includes(core.trim()))
  const texts = said.texts.filter((text) => text.trim() !== '')
  return {
    texts: missingInOrder(texts, leaves),
    calls: said.calls.filter(
      ({ name, input }) =>
        !heard.calls.some((call) => isRenamed(name, call.name)) || !coresOf(input).every(within),
    ),
    results: said.results.flatMap((result) => coresOf(result).filter((core) => !within(core))),
    tools: said.tools.filter((name) => !heard.tools.some((tool) => isRenamed(name, tool))),
  }
}

/** Whether the second is the first, or what a target that forbids the first has for it. */
function isRenamed(name: string, other: string): boolean {
  if (name === other) return true
  const plain = name.replaceAll(/[^A-Za-z0-9_-]/g, '_')
  return plain !== name && other.startsWith(plain.slice(0, 40))
}
