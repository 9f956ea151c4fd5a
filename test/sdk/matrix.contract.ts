// What every client library must get out of the gateway, whichever of the six protocols the upstream speaks.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { FailureKind } from '../replay/answer.ts'
import type { Replay } from '../replay/replay.ts'
import {
  BERGEN,
  CACHED,
  CLOCK,
  PERSON,
  type ScenarioName,
  TEXT,
  THOUGHT,
  THOUGHTFUL,
  WEATHER,
  turnOf,
} from '../replay/scenarios.ts'
import { BROKEN_TEXT, FAILURE_TEXT, type Vendor } from '../replay/vendor.ts'
import { vendors } from '../replay/vendors/all.ts'
import type { Ask, Client, ClientKind, Mode, Reply, Tool } from './clients/client.ts'
import { failureOf } from './clients/client.ts'
import { type ReplayedGateway, replayedGateway } from './replayed-gateway.ts'

const SYSTEM = 'You are terse. Say "ja" & nothing else.'
/** One red dot. */
const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=='

const TOOLS: readonly Tool[] = [
  {
    name: 'get_weather',
    description: 'The weather of a city.',
    parameters: z.object({
      city: z.string().min(1).describe('Its name.'),
      days: z.number().int().optional(),
    }),
  },
  { name: 'get_time', description: 'The time.', parameters: z.object({}) },
]
const PERSON_SCHEMA = z.object({ name: z.string(), born: z.number().int() })

/** What clients see of an upstream's failure: a bad key of ours is a bad gateway of theirs (decision 002). */
const FAILURES: Readonly<Record<FailureKind, { readonly status: number; readonly told: boolean }>> =
  {
    invalid: { status: 400, told: true },
    auth: { status: 502, told: false },
    'rate-limit': { status: 429, told: true },
    internal: { status: 502, told: true },
    overloaded: { status: 503, told: true },
  }

/** Runs the whole matrix for some clients: one gateway and six upstreams for all of them. */
type Check = (title: string, check: () => Promise<void>) => void

/** Left out where a library, or a vendor, has no way to show the thing: each client declares what that is. */
function itUnless(blind: boolean): Check {
  return blind ? leftOut : it
}

function leftOut(): void {}

export function clientMatrix(kinds: readonly ClientKind[]): void {
  let gateway: ReplayedGateway | undefined
  beforeAll(async () => {
    gateway = await replayedGateway()
  })
  afterAll(async () => gateway?.close())

  describe.each(kinds)('$name', (kind) => {
    const connect = async (): Promise<Client> => {
      const { url = '', clientKey = '' } = gateway?.opened ?? {}
      return kind.connect({ url, key: clientKey })
    }

    describe.each(vendors)('with an upstream of $id', (vendor) => {
      const bench: Bench = {
        kind,
        vendor,
        connect,
        replay: () => {
          const replay = gateway?.replays.get(vendor.id)
          if (replay === undefined) throw new Error(`no upstream of ${vendor.id}`)
          return replay
        },
      }
      texts(bench)
      toolLoops(bench)
      endings(bench)
      failures(bench)
    })

    itUnless(kind.blind?.includes('models') === true)(
      'lists the models of all upstreams',
      async () => {
        const client = await connect()
        const names = await client.models()
        const wanted = [...(gateway?.replays.values() ?? [])].map((replay) => replay.model('text'))
        expect(names).toEqual(expect.arrayContaining(wanted))
      },
    )
  })
}

interface Bench {
  readonly kind: ClientKind
  readonly vendor: Vendor
  readonly connect: () => Promise<Client>
  readonly replay: () => Replay
}

const MODES: readonly Mode[] = ['whole', 'stream']

function askOf({ replay }: Bench, scenario: ScenarioName, more: Partial<Ask> = {}): Ask {
  return { model: replay().model(scenario), system: SYSTEM, question: 'What now?', ...more }
}

/** Every step of a loop, until the model is done; a request that the upstream refused shows as what it was refused for. */
async function talk(bench: Bench, ask: Ask, mode: Mode): Promise<readonly Reply[]> {
  const { violations } = bench.replay()
  const before = violations.length
  const conversation = (await bench.connect()).open(ask)
  const replies: Reply[] = []
  try {
    while (replies.length < 4) {
      const reply = await conversation.next(mode)
      replies.push(reply)
      if (reply.calls.length === 0) break
      conversation.give(reply.calls.map(({ name }, at) => resultOf(name, at)))
    }
  } finally {
    expect(violations.slice(before), 'refused by the upstream').toEqual([])
  }
  return replies
}

/** What the upstream is to hear of it. */
function heard({ kind }: Bench, name: string, at: number): string {
  const text = resultOf(name, at)
  return kind.result?.(name, text) ?? text
}

function resultOf(name: string, at: number): string {
  return `${name} ${at}: 18 °C, "fine"`
}

async function bothWays(
  bench: Bench,
  scenario: ScenarioName,
  more: Partial<Ask> = {},
): Promise<readonly Reply[]> {
  const whole = await talk(bench, askOf(bench, scenario, more), 'whole')
  const streamed = await talk(bench, askOf(bench, scenario, more), 'stream')
  const seen = (replies: readonly Reply[]): unknown =>
    replies.map((reply) => comparable(reply, bench.kind))
  expect(seen(streamed), 'the stream adds up to the whole answer').toEqual(seen(whole))
  return whole
}

/** Only whole answers are parsed by every library; what a client cannot see in one way, it may see in the other. */
function comparable(reply: Reply, { blind = [] }: ClientKind): Partial<Reply> {
  const { parsed: _, usage, final, finish, thinking, ...seen } = reply
  const unseen = ['stream-counts', 'stream-ends', 'thinking'].some((way) =>
    blind.some((own) => own === way),
  )
  return {
    ...seen,
    ...(blind.includes('stream-counts') ? {} : { usage }),
    ...(blind.includes('stream-ends') ? {} : { finish }),
    ...(blind.includes('thinking') ? {} : { thinking }),
    ...(unseen ? {} : { final }),
  }
}

function texts(bench: Bench): void {
  const { kind, vendor } = bench
  const { words, blind = [] } = kind

  it('gets text, its end and its counts, whole and streamed alike', async () => {
    const [reply] = await bothWays(bench, 'text')
    expect(reply).toMatchObject({ text: TEXT, thinking: '', calls: [], finish: words.stop })
    expect(reply?.usage).toMatchObject({ input: 21, output: 9 })
    expect(bench.replay().last()?.system).toBe(SYSTEM)
  })

  itUnless(blind.includes('images'))('shows the model a picture', async () => {
    const [reply] = await bothWays(bench, 'image', { image: PNG })
    expect(reply?.text).toBe('A red dot.')
    expect(bench.replay().last()?.images).toEqual([PNG])
  })

  itUnless(blind.includes('schema'))('gets an answer that fits a schema', async () => {
    const [reply] = await bothWays(bench, 'structured', { schema: PERSON_SCHEMA })
    expect(JSON.parse(reply?.text ?? '')).toEqual(PERSON)
    if (reply?.parsed !== undefined) expect(reply.parsed).toEqual(PERSON)
    expect(bench.replay().last()?.schema).toMatchObject({
      type: 'object',
      properties: { name: { type: 'string' }, born: { type: 'integer' } },
      required: ['name', 'born'],
    })
  })

  itUnless(blind.includes('thinking'))('sees what the model thought', async () => {
    const [reply] = await bothWays(bench, 'thinking', { thinks: true })
    expect(reply).toMatchObject({ thinking: THOUGHT, text: '42', finish: words.stop })
    expect(reply?.usage).toMatchObject({ input: THOUGHTFUL.input, output: THOUGHTFUL.output })
  })

  itUnless(blind.includes('cached') || !vendor.tells.cached)(
    'counts what came from a cache as part of the input',
    async () => {
      const [reply] = await bothWays(bench, 'cached')
      expect(reply?.usage).toEqual(
        expect.objectContaining({
          input: CACHED.input,
          output: CACHED.output,
          cached: CACHED.cached,
        }),
      )
    },
  )
}

function toolLoops(bench: Bench): void {
  const { words, blind = [] } = bench.kind
  // A vendor that checks signatures in requests of its own protocol gets what such a library makes up.
  const forged = blind.includes('forges') && bench.vendor.id === 'gemini'
  const unsigned = blind.includes('unsigned') && bench.vendor.id === 'gemini'
  // Elsewhere the results alone are told as text.
  const callless = blind.includes('callless') && bench.vendor.id !== 'ollama'
  const done = { text: 'It is sunny, at noon.', calls: [], finish: words.stop }

  itUnless(unsigned || callless)('calls a tool and goes on with its result', async () => {
    const replies = await bothWays(bench, 'tools', { tools: TOOLS })
    expect(replies).toMatchObject([
      { text: 'I look it up.', calls: [called(WEATHER)], finish: words.tools },
      done,
    ])
    expect(bench.replay().last()).toMatchObject({
      results: [heard(bench, 'get_weather', 0)],
      tools: ['get_weather', 'get_time'],
    })
  })

  itUnless(forged || callless)(
    'calls tools in parallel, the same one twice and one without arguments',
    async () => {
      const replies = await bothWays(bench, 'parallel', { tools: TOOLS })
      expect(replies).toMatchObject([
        { calls: [called(WEATHER), called(BERGEN), called(CLOCK)], finish: words.tools },
        done,
      ])
      expect(bench.replay().last()?.results).toEqual([
        heard(bench, 'get_weather', 0),
        heard(bench, 'get_weather', 1),
        heard(bench, 'get_time', 2),
      ])
    },
  )

  itUnless(unsigned || callless)('goes through several steps of tools', async () => {
    const replies = await bothWays(bench, 'steps', { tools: TOOLS })
    expect(replies).toMatchObject([{ calls: [called(WEATHER)] }, { calls: [called(CLOCK)] }, done])
    const { callId } = bench.vendor
    if (callId === undefined || blind.includes('ids')) return
    const { callIds } = bench.replay().last() ?? {}
    if (callIds?.length !== 0) expect(callIds).toEqual([callId(WEATHER), callId(CLOCK)])
  })

  it('goes through several steps in its own loop, where it has one', async () => {
    const client = await bench.connect()
    if (client.run === undefined) return
    const asked: string[] = []
    const text = await client.run(askOf(bench, 'steps', { tools: TOOLS }), (name) => {
      asked.push(name)
      return 'fine'
    })
    expect(text).toBe(done.text)
    expect(asked).toEqual(['get_weather', 'get_time'])
  })

  itUnless(forged || blind.includes('thinking-loop'))(
    'thinks between steps of tools, and the thinking goes back to its vendor as it came',
    async () => {
      const replies = await bothWays(bench, 'thinking-steps', { tools: TOOLS, thinks: true })
      expect(replies).toMatchObject([
        { calls: [called(WEATHER), called(BERGEN)] },
        { calls: [called(CLOCK)] },
        done,
      ])
      if (blind.includes('seals')) return
      const given = [0, 1].flatMap((at) => {
        const turn = turnOf('thinking-steps', at)
        return 'says' in turn ? (bench.vendor.sealOf?.(turn.says) ?? []) : []
      })
      expect(bench.replay().last()?.seals, 'each signature comes back as it was given').toEqual(
        given,
      )
    },
  )
}

function called({ name, input }: typeof WEATHER): Reply['calls'][number] {
  return { name, input }
}

function endings(bench: Bench): void {
  const { kind, vendor } = bench
  const { words, blind = [] } = kind
  const answer = async (scenario: ScenarioName): Promise<readonly Reply[]> =>
    blind.includes('cut-streams')
      ? talk(bench, askOf(bench, scenario), 'whole')
      : bothWays(bench, scenario)

  it('sees the length limit as such', async () => {
    const [reply] = await answer('length')
    expect(reply).toMatchObject({ text: 'One, two, thr', finish: words.length })
  })

  itUnless(!vendor.tells.filter || blind.includes('filters'))('sees a filter as such', async () => {
    const [reply] = await answer('filter')
    expect(reply).toMatchObject({ text: 'Well, ', finish: words.filter })
  })
}

function failures(bench: Bench): void {
  it.each(Object.keys(FAILURES).filter((kind) => kind in FAILURE_TEXT))(
    'raises its own error where the upstream answers with %s',
    async (name) => {
      const kind = FAILURE_KINDS.find((known) => known === name) ?? 'internal'
      const client = await bench.connect()
      for (const mode of MODES) {
        const error = await failureOf(client.open(askOf(bench, kind)).next(mode))
        const failure = client.failure(error)
        const { status, told } = FAILURES[kind]
        const expected = kind === 'overloaded' ? bench.kind.busy : status
        expect(failure).toMatchObject({ native: true, status: expected })
        if (told && bench.kind.blind?.includes('refusals') !== true)
          expect(failure.message).toContain(plainText(FAILURE_TEXT[kind]))
        expect(failure.message).not.toMatch(/replay/)
      }
    },
  )

  it('raises an error where a stream breaks, in the words of the upstream', async () => {
    const client = await bench.connect()
    const asked = client.open(askOf(bench, 'broken')).next('stream')
    if (bench.kind.blind?.includes('breaks') === true) {
      expect((await asked).finish, 'it does not look like a clean stop').not.toBe(
        bench.kind.words.stop,
      )
      return
    }
    const error = await failureOf(asked)
    if (bench.kind.blind?.includes('broken') === true) return
    expect(client.failure(error).message).toContain(BROKEN_TEXT)
  })

  itUnless(bench.kind.blind?.includes('leaving') === true)(
    'closes the call upstream when it leaves a stream',
    async () => {
      const { upstream } = bench.replay()
      const client = await bench.connect()
      await client.leave(askOf(bench, 'endless')).catch(() => {})
      await upstream.requests.at(-1)?.closed
    },
  )
}

const FAILURE_KINDS: readonly FailureKind[] = [
  'invalid',
  'auth',
  'rate-limit',
  'internal',
  'overloaded',
]

/** Some libraries show the answer's JSON, in which quotes are escaped. */
function plainText(text: string): string {
  return text.split('"')[0] ?? text
}
