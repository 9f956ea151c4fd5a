// Asks providers at no cost whether they are there, and tells the health of their targets; looks at each key once before any call needs it.
import type { ProviderFound } from '../exchange/facts/targets.ts'
import type { Happening, Tell } from '../exchange/happening.ts'
import type { BaseProvider } from '../providers/base-provider.ts'
import type { HealthReport } from '../providers/health.ts'
import type { Every } from '../resilience/limits/lease.ts'
import { PROBING, Probing, type ProbingOptions } from '../resilience/probing.ts'
import type { TargetHealth } from '../resilience/target-health.ts'

export interface ProbesOptions extends Partial<ProbingOptions> {
  /** Whether providers are asked again and again. Default true. */
  readonly probes?: boolean
  /** Whether each provider that has a key is asked once when it is registered. Default true. */
  readonly checkKeys?: boolean
}

export interface ProbesContext {
  readonly providers: () => readonly BaseProvider[]
  /** Asks one provider; never throws. */
  readonly check: (provider: BaseProvider) => Promise<HealthReport>
  readonly health: TargetHealth
  /** Milliseconds. */
  readonly clock: () => number
  /** 0 to 1. */
  readonly random: () => number
  readonly every: Every
  readonly tell: Tell
  readonly listen: (listener: Tell) => () => void
  /** Of several processes, one asks: whether it is this one. Default: it is. */
  readonly isOurs?: () => boolean
}

/** How often it is looked who is due. */
const BEAT_MS = 1000

export class Probes {
  readonly #context: ProbesContext
  readonly #options: ProbesOptions
  readonly #probings = new WeakMap<BaseProvider, Probing>()
  readonly #keys = new Map<string, HealthReport['key']>()
  /** Those whose keys were looked at. */
  readonly #looked = new WeakSet<BaseProvider>()
  readonly #underWay = new Set<Promise<void>>()
  #stops: readonly (() => void)[] = []

  constructor(context: ProbesContext, options: ProbesOptions) {
    this.#context = context
    this.#options = options
  }

  /** From now on, those that are registered already too. */
  start(): void {
    if (this.#stops.length > 0) return
    const { every, listen, providers } = this.#context
    const { probes = true } = this.#options
    const hearing = listen((fact) => this.#heard(fact))
    this.#stops = probes ? [hearing, every(BEAT_MS, () => this.#beat())] : [hearing]
    for (const provider of providers()) this.registered(provider)
  }

  /** Looks at the key of a provider that is new, once. */
  registered(provider: BaseProvider): void {
    const { checkKeys = true } = this.#options
    const hasKey = provider.credentials?.set !== undefined
    if (this.#stops.length === 0 || !checkKeys || !provider.enabled || !hasKey) return
    if (this.#context.isOurs?.() === false) return
    if (this.#looked.has(provider)) return
    this.#looked.add(provider)
    this.#run(async () => this.#told(provider, await this.#context.check(provider)))
  }

  stop(): void {
    for (const stop of this.#stops) stop()
    this.#stops = []
  }

  /** Resolves when nobody is being asked. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay)
  }

  #beat(): void {
    const { providers, clock, random, health, isOurs } = this.#context
    if (isOurs?.() === false) return
    for (const provider of providers()) {
      if (!provider.enabled) continue
      const isTrialDue = health
        .askedOf(provider.name)
        .some((target) => health.standing(target).state === 'half-open')
      const probing = this.#probingOf(provider)
      if (!probing.starts({ nowMs: clock(), random, isTrialDue })) continue
      this.#run(async () => this.#probe(provider, probing))
    }
  }

  async #probe(provider: BaseProvider, probing: Probing): Promise<void> {
    const { clock } = this.#context
    const report = await provider.probe()
    // A key that is refused is no reason to leave the provider: it has answered.
    const isThere = report.healthy || report.key === 'invalid'
    const news = probing.ended(isThere ? 'good' : 'bad', clock())
    this.#told(provider, report)
    if (news === 'down') this.#found(provider, 'lost')
    else if (news === 'up') this.#found(provider, 'back')
    else if (!isThere) this.#found(provider, 'missed')
  }

  #found({ name }: BaseProvider, state: ProviderFound['state']): void {
    const { health, tell } = this.#context
    health.found(name, state)
    tell({ type: 'provider-found', provider: name, state })
  }

  #told(provider: BaseProvider, report: HealthReport): void {
    const { tell } = this.#context
    const { healthy, latencyMs: elapsedMs, key } = report
    const { name } = provider
    tell({ type: 'probe-ended', provider: name, healthy, elapsedMs })
    if (key === undefined || key === this.#keys.get(name)) return
    this.#keys.set(name, key)
    tell({ type: 'key-checked', provider: name, standing: key })
  }

  /** What a call was answered tells as much as a probe. */
  #heard(fact: Happening): void {
    if (fact.type !== 'attempt-answered' && fact.type !== 'attempt-failed') return
    const { providers, clock } = this.#context
    const provider = providers().find(({ name }) => name === fact.target.provider)
    if (provider === undefined) return
    const probing = this.#probingOf(provider)
    if (fact.type === 'attempt-failed') probing.called(clock())
    else if (probing.answered(clock()) === 'up') this.#found(provider, 'back')
  }

  #probingOf(provider: BaseProvider): Probing {
    const known = this.#probings.get(provider)
    if (known !== undefined) return known
    const { clock } = this.#context
    const probing = new Probing(provider.probeStyle, { ...PROBING, ...this.#options }, clock())
    this.#probings.set(provider, probing)
    return probing
  }

  #run(work: () => Promise<void>): void {
    const running = work()
      .catch(() => undefined)
      .finally(() => this.#underWay.delete(running))
    this.#underWay.add(running)
  }
}
