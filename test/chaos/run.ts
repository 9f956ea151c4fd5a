// Chaos: many calls in six protocols over three providers that fail all the time, and an account of what every client saw.
import { dialects } from '../../src/dialects/registry.ts'
import type { Happening } from '../../src/exchange/happening.ts'
import type { Dialect } from '../../src/dialects/dialect.ts'
import { type FaultyUpstream, type Truth, openFaultyUpstream } from '../faults/faulty-upstream.ts'
import { numberIn, question, textOf } from '../faults/good-answer.ts'
import { type OpenGateway, openGateway } from '../open-gateway.ts'
import { type WireClient, failureIn, tokensIn, wireClients } from '../wire-clients.ts'
import { ChaosPlan, type Outage, drawn } from './plan.ts'

export interface ChaosOptions {
  readonly requests: number
  readonly seed: number
  readonly rate: number
  /** Of the providers, one each. */
  readonly dialects: readonly string[]
  /** Calls under way at once. */
  readonly atOnce: number
  readonly outages?: readonly Outage[]
  /** Seconds of patience with a provider: long enough for a busy machine not to take a sound one for a silent one. */
  readonly patience: number
}

/** How a call ended for its client. */
type Outcome = 'whole' | 'cut' | 'wrong'

interface Wrong {
  readonly call: number
  readonly client: string
  readonly streamed: boolean
  readonly status: number
  readonly trail: string
  readonly faults: readonly string[]
  readonly body: string
}

interface Recovery {
  readonly provider: string
  /** How long its breaker was open the last time before the outage ended, and how long it took to answer again; milliseconds of the run's clock. */
  readonly ejectedMs: number
  readonly tookMs: number
}

export interface ChaosReport {
  readonly requests: number
  readonly outcomes: Readonly<Record<Outcome, number>>
  readonly wrongs: readonly Wrong[]
  readonly attempts: number
  readonly failures: number
  /** Requests that the providers saw. */
  readonly seen: number
  readonly faults: Readonly<Record<string, number>>
  readonly recoveries: readonly Recovery[]
  readonly leaks: readonly string[]
  readonly seconds: number
}

/** Milliseconds of the run's clock between two calls: twenty calls a second. */
const PACE_MS = 50
const ROUTE = 'chaos'

export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const world = new World(options)
  await world.open()
  try {
    await world.run()
  } finally {
    await world.close()
  }
  return world.report()
}

interface House {
  readonly name: string
  readonly dialect: Dialect
  readonly upstream: FaultyUpstream
}

class World {
  readonly #options: ChaosOptions
  readonly #plan: ChaosPlan
  readonly #houses: House[] = []
  readonly #outcomes: Record<Outcome, number> = { whole: 0, cut: 0, wrong: 0 }
  readonly #wrongs: Wrong[] = []
  readonly #faults: Record<string, number> = {}
  readonly #leaks: string[] = []
  readonly #recoveries: Recovery[] = []
  /** Providers that are gone now, and those that are back and have not answered yet. */
  readonly #gone = new Set<string>()
  readonly #returning = new Map<string, { readonly sinceMs: number; readonly ejectedMs: number }>()
  readonly #openings = new Map<string, number>()
  #gateway: OpenGateway | undefined
  #started = 0
  #attempts = 0
  #failures = 0
  readonly #underWay = new Set<Promise<void>>()
  /** Nobody goes before the calls from the time before are over: one that stalls would be counted on to meet him. */
  #calm: Promise<unknown> = Promise.resolve()
  readonly #startedAt: number = performance.now()

  constructor(options: ChaosOptions) {
    this.#options = options
    const { seed, rate, outages } = options
    this.#plan = new ChaosPlan({ seed, rate, providers: options.dialects }, outages)
  }

  async open(): Promise<void> {
    for (const id of this.#options.dialects) {
      const upstream = await openFaultyUpstream()
      const dialect = dialects.find((one) => one.id === id)
      if (dialect === undefined) throw new Error(`there is no dialect ${id}`)
      const house = { name: id, dialect, upstream }
      upstream.script((truth) => this.#script(house, truth))
      this.#houses.push(house)
    }
    const gateway = await openGateway({
      now: () => this.#nowMs(),
      providers: this.#houses.map(({ name, upstream }) => ({
        providerType: 'custom',
        name,
        baseUrl: upstream.url(name),
        models: ['m'],
        timeout: this.#options.patience,
        settings: { dialect: name, local: true },
      })),
      config: {
        routes: [
          {
            name: ROUTE,
            strategy: 'round-robin',
            targets: this.#houses.map(({ name }) => ({ model: `${name}/m` })),
          },
        ],
        limits: {
          maxBodyBytes: 1_000_000,
          // A place that is not given back is missed by another call.
          rules: [
            { scope: 'all', concurrency: this.#options.atOnce },
            { scope: 'provider', concurrency: this.#options.atOnce },
          ],
        },
      },
    })
    gateway.gateway.manager.happenings.listen((happening) => this.#hear(happening))
    this.#gateway = gateway
  }

  async run(): Promise<void> {
    const { atOnce } = this.#options
    await Promise.all(Array.from({ length: atOnce }, () => this.#work()))
    await this.#look()
  }

  report(): ChaosReport {
    return {
      requests: this.#started,
      outcomes: this.#outcomes,
      wrongs: this.#wrongs,
      attempts: this.#attempts,
      failures: this.#failures,
      seen: this.#houses.reduce((sum, { upstream }) => sum + upstream.calls.length, 0),
      faults: this.#faults,
      recoveries: this.#recoveries,
      leaks: this.#leaks,
      seconds: (performance.now() - this.#startedAt) / 1000,
    }
  }

  async close(): Promise<void> {
    await this.#gateway?.close()
    for (const { name, upstream } of this.#houses) {
      if (!(await becomes(() => upstream.open === 0))) {
        this.#leaks.push(`${upstream.open} sockets to ${name}`)
      }
      await upstream.close()
    }
  }

  #nowMs(): number {
    return 1_000_000 + this.#started * PACE_MS
  }

  #script({ name, dialect }: House, truth: Truth | undefined): ReturnType<ChaosPlan['scriptAt']> {
    if (this.#gone.has(name)) {
      return [{ at: truth === undefined ? 'connect' : 'head', do: 'reset' }]
    }
    if (truth === undefined) return []
    const call = numberIn(truth.request.body) ?? -1
    const { path, body } = truth.request
    const streamed = /"stream":true|:streamGenerateContent/.test(path + body)
    const fault = this.#plan.faultAt(call, name) ?? 'none'
    this.#faults[fault] = (this.#faults[fault] ?? 0) + 1
    return this.#plan.scriptAt({ call, dialect, streamed }, name)
  }

  async #work(): Promise<void> {
    while (this.#started < this.#options.requests) {
      const call = this.#started
      this.#started += 1
      if (this.#isFarewell(call)) this.#calm = Promise.all(this.#underWay)
      await this.#calm
      this.#weather(call)
      const asking = this.#ask(call)
      this.#underWay.add(asking)
      await asking
      this.#underWay.delete(asking)
    }
  }

  #isFarewell(call: number): boolean {
    return this.#options.outages?.some(({ from }) => from === call) === true
  }

  /** Providers go and come back. */
  #weather(call: number): void {
    for (const { provider, from, to } of this.#options.outages ?? []) {
      if (call === from) this.#gone.add(provider)
      if (call !== to) continue
      this.#gone.delete(provider)
      const { state, waitMs, sinceMs = 0 } = this.#standing(provider)
      if (state === 'open') this.#openings.set(provider, waitMs + this.#nowMs() - sinceMs)
      const ejectedMs = this.#openings.get(provider) ?? 0
      this.#returning.set(provider, { sinceMs: this.#nowMs(), ejectedMs })
    }
    for (const provider of this.#gone) {
      const { state, waitMs, sinceMs = 0 } = this.#standing(provider)
      if (state === 'open') this.#openings.set(provider, waitMs + this.#nowMs() - sinceMs)
    }
  }

  #standing(provider: string) {
    const manager = this.#gateway?.gateway.manager
    if (manager === undefined) throw new Error('the gateway is not open')
    return manager.targets.standing({ provider, model: 'm' })
  }

  #hear(happening: Happening): void {
    if (happening.type === 'attempt-answered') {
      this.#attempts += 1
      const { provider } = happening.target
      const back = this.#returning.get(provider)
      if (back === undefined) return
      this.#returning.delete(provider)
      const { sinceMs, ejectedMs } = back
      this.#recoveries.push({ provider, ejectedMs, tookMs: this.#nowMs() - sinceMs })
    } else if (happening.type === 'attempt-failed') {
      this.#failures += 1
      if (happening.when === 'before-answer') this.#attempts += 1
    }
  }

  async #ask(call: number): Promise<void> {
    const client = wireClients[call % wireClients.length]
    if (client === undefined) return
    const streamed = drawn(`${this.#options.seed}/${call}/shape`) < 0.6
    const asked = { model: ROUTE, text: question(call), streamed }
    const response = await fetch(`${this.#gateway?.url}${client.path(asked)}`, {
      method: 'POST',
      body: JSON.stringify(client.body(asked)),
    })
    const body = await response.text()
    const outcome = judged({ call, client, streamed, status: response.status, body })
    this.#outcomes[outcome] += 1
    if (outcome !== 'wrong') return
    const trail = response.headers.get('x-patchbay-trail') ?? ''
    const faults = this.#houses.map(
      ({ name }) => `${name}: ${this.#plan.faultAt(call, name) ?? 'none'}`,
    )
    const { status } = response
    this.#wrongs.push({ call, client: client.name, streamed, status, trail, faults, body })
  }

  /** What must be as it was once nothing is under way. */
  async #look(): Promise<void> {
    for (const { name, upstream } of this.#houses) {
      const { calls } = upstream
      const isOver = (): boolean => calls.every(({ finished, aborted }) => finished || aborted)
      if (!(await becomes(isOver))) this.#leaks.push(`calls of ${name} that never ended`)
      if (!(await becomes(() => this.#standing(name).inFlight === 0))) {
        this.#leaks.push(`${this.#standing(name).inFlight} places at ${name}`)
      }
    }
  }
}

interface Answered {
  readonly call: number
  readonly client: WireClient
  readonly streamed: boolean
  readonly status: number
  readonly body: string
}

/** `cut`: some words came, in order and once, and then the failure was told in the client's own protocol. */
function judged({ call, client, streamed, status, body }: Answered): Outcome {
  if (status !== 200) return 'wrong'
  const { text, finish } = client.hear(body)
  const failure = streamed ? failureIn(body) : undefined
  if (failure === undefined)
    return text === textOf(call) && finish !== undefined ? 'whole' : 'wrong'
  const isPrefix = tokensIn(text).length > 0 && textOf(call).startsWith(text)
  return isPrefix && (finish === undefined || finish === 'failed') ? 'cut' : 'wrong'
}

const PATIENCE_MS = 5000

/** Waits for a fact; false when it does not come true. */
async function becomes(isSo: () => boolean): Promise<boolean> {
  const start = performance.now()
  while (!isSo()) {
    if (performance.now() - start > PATIENCE_MS) return false
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
  }
  return true
}
