// Which credentials of a target may be used now, and which are left alone because the provider refused them.
import { compact } from '../canonical/compact.ts'
import { GatewayError } from '../canonical/errors.ts'
import type { Credential, CredentialSet } from '../exchange/credential.ts'
import type { CredentialFact, CredentialFault, KeyFact } from '../exchange/facts/credentials.ts'
import type { Tell } from '../exchange/happening.ts'
import type { Target } from '../exchange/target.ts'
import { HOLD, type HoldOptions, holdAfter } from './credential-hold.ts'
import { Turns } from './rotation.ts'

export interface KeyRingOptions {
  /** Undefined where a provider has no credentials. */
  readonly setOf: (provider: string) => CredentialSet | undefined
  /** Milliseconds. */
  readonly clock: () => number
  readonly tell: Tell
  readonly holds?: Partial<HoldOptions>
  /** Whether the provider takes the credential, found out by a call that costs nothing. Absent: never found out. */
  readonly check?: (provider: string, label: string) => Promise<boolean>
}

/** How a credential stands. */
export interface CredentialStanding extends Credential {
  /** `cooling`: its quota is used up. */
  readonly state: 'ok' | 'cooling' | 'quarantined'
  readonly reason?: CredentialFault
  /** Milliseconds of the clock. */
  readonly sinceMs?: number
  /** Absent: until something is done about it. */
  readonly untilMs?: number
  /** The models that are closed to it, where it is not closed as a whole. */
  readonly closedModels?: readonly string[]
}

interface Held {
  readonly label: string
  readonly generation: number
  readonly reason: CredentialFault
  /** Where only this one is closed. */
  readonly model?: string
  readonly sinceMs: number
  readonly untilMs: number
}

const NONE: readonly Held[] = []

/** Why it is held, and for how long; without an end, until something is done about it. */
interface Told {
  readonly reason: CredentialFault
  readonly forMs?: number
  readonly model?: string
}

/** A check of a refused key. */
interface Probe {
  readonly startedMs: number
  readonly settled: Promise<void>
}

export class KeyRing {
  readonly #options: KeyRingOptions
  readonly #holds: HoldOptions
  readonly #turns = new Turns()
  /** By provider. */
  readonly #held = new Map<string, readonly Held[]>()
  readonly #probes = new Map<string, Probe>()

  constructor(options: KeyRingOptions) {
    this.#options = options
    this.#holds = { ...HOLD, ...options.holds }
  }

  /** Those that the target may be asked with now, in no order; undefined where its provider has none at all. */
  usable(target: Target): readonly Credential[] | undefined {
    return this.#options
      .setOf(target.provider)
      ?.credentials.filter((credential) => this.#barring(target.provider, credential) === undefined)
  }

  /** The same, the one whose turn it is first, and those that the model is closed to last. */
  inTurn(
    target: Target,
    inFlight: (credential: Credential) => number,
  ): readonly Credential[] | undefined {
    const set = this.#options.setOf(target.provider)
    if (set === undefined) return undefined
    const { rotation } = set
    const turn = { rotation, key: target.provider, inFlight }
    if (this.#heldOf(target.provider).length === 0) return this.#turns.order(set.credentials, turn)
    this.#checkRefused(target.provider, set)
    const usable = this.usable(target) ?? []
    const closed = usable.filter((credential) => this.#isClosed(target, credential))
    const open = usable.filter((credential) => !closed.includes(credential))
    return [...this.#turns.order(open, turn), ...closed]
  }

  /** A target has failed with that key of its credential: what that says of the credential is remembered. */
  failed(target: Target, generation: number | undefined, error: GatewayError): void {
    const { provider, model, credential: label } = target
    const hold = holdAfter(error, this.#holds)
    if (label === undefined || generation === undefined || hold === undefined) return
    // What was refused is gone already.
    if (this.#credential(provider, label)?.generation !== generation) return
    const { reason, forMs, ofModel } = hold
    const told: Told = { reason, forMs, ...(ofModel ? { model } : {}) }
    const fact = { provider, credential: label, generation }
    this.#hold(fact, told)
    this.#options.tell(
      reason === 'quota'
        ? { type: 'credential-exhausted', ...fact, forMs }
        : {
            type: 'credential-quarantined',
            ...fact,
            reason,
            ...compact({
              model: told.model,
              forMs: forMs === Infinity ? undefined : forMs,
            }),
          },
    )
  }

  /** What another process has met, or has lifted, holds here too: of the same key. */
  heard(fact: KeyFact): void {
    switch (fact.type) {
      case 'credential-exhausted':
        this.#hold(fact, { reason: 'quota', forMs: fact.forMs })
        return
      case 'credential-quarantined':
        this.#hold(fact, fact)
        return
      case 'credential-restored': {
        const { provider, credential } = fact
        const left = this.#heldOf(provider).filter(({ label }) => label !== credential)
        this.#held.set(provider, left)
        return
      }
      case 'credential-replaced':
      case 'key-checked':
    }
  }

  #hold(
    { provider, credential: label, generation }: CredentialFact,
    { reason, forMs = Infinity, model }: Told,
  ): void {
    const sinceMs = this.#options.clock()
    const until = { sinceMs, untilMs: sinceMs + forMs }
    const held = { label, generation, reason, ...until, ...compact({ model }) }
    const others = this.#heldOf(provider).filter((one) => !isSame(one, held))
    this.#held.set(provider, [...others, held])
  }

  /** Forgets that a credential was refused; without a label, all of the provider. Returns whether any was. */
  lift(provider: string, label: string | undefined, by: 'operator' | 'probe'): boolean {
    const all = this.#heldOf(provider)
    const lifted = all.filter((one) => label === undefined || one.label === label)
    if (lifted.length === 0) return false
    this.#held.set(
      provider,
      all.filter((one) => !lifted.includes(one)),
    )
    for (const { label: credential, generation } of lifted) {
      this.#options.tell({ type: 'credential-restored', provider, credential, generation, by })
    }
    return true
  }

  /** Why none of a target's credentials may be used; undefined where one may, or it has none. */
  refusal(target: Target): GatewayError | undefined {
    const { provider, model } = target
    if (this.usable(target)?.length !== 0) return undefined
    const barring = (this.#options.setOf(provider)?.credentials ?? []).flatMap(
      (one) => this.#barring(provider, one) ?? [],
    )
    // Waiting helps soonest where a quota comes back.
    const soonest = barring.toSorted((a, b) => a.untilMs - b.untilMs)[0]
    return soonest === undefined ? undefined : asRefused(soonest, { provider, model })
  }

  standing(provider: string): readonly CredentialStanding[] {
    const credentials = this.#options.setOf(provider)?.credentials ?? []
    return credentials.map((credential) => {
      const held = this.#heldOf(provider).filter((one) => isOf(one, credential))
      const models = held.flatMap((one) => one.model ?? [])
      const whole = this.#barring(provider, credential)
      const shown = whole ?? held[0]
      return {
        ...credential,
        state: stateOf(whole),
        ...compact({
          reason: shown?.reason,
          sinceMs: shown?.sinceMs,
          untilMs: shown?.untilMs === Infinity ? undefined : shown?.untilMs,
          closedModels: models.length === 0 ? undefined : models,
        }),
      }
    })
  }

  /** Resolves when no check of a refused key is under way. */
  async idle(): Promise<void> {
    await Promise.all([...this.#probes.values()].map(({ settled }) => settled))
  }

  /** What keeps a credential from all use. */
  #barring(provider: string, credential: Credential): Held | undefined {
    return this.#heldOf(provider).find((one) => one.model === undefined && isOf(one, credential))
  }

  #isClosed({ provider, model }: Target, credential: Credential): boolean {
    return this.#heldOf(provider).some((one) => one.model === model && isOf(one, credential))
  }

  /** Those that still hold. */
  #heldOf(provider: string): readonly Held[] {
    const held = this.#held.get(provider)
    if (held === undefined || held.length === 0) return NONE
    const now = this.#options.clock()
    return held.filter(({ untilMs }) => untilMs > now)
  }

  #credential(provider: string, label: string): Credential | undefined {
    return this.#options.setOf(provider)?.credentials.find((one) => one.label === label)
  }

  /** A key that was refused may have been mended at the provider: a call that would have used it finds that out for later ones. */
  #checkRefused(provider: string, { credentials }: CredentialSet): void {
    for (const credential of credentials) {
      const held = this.#barring(provider, credential)
      if (held?.reason === 'auth') this.#check(provider, held)
    }
  }

  #check(provider: string, { label, sinceMs }: Held): void {
    const { check, clock } = this.#options
    const key = `${provider}#${label}`
    const last = Math.max(sinceMs, this.#probes.get(key)?.startedMs ?? 0)
    if (check === undefined || clock() - last < this.#holds.probeMs) return
    const settled = this.#checked(provider, label, check)
    this.#probes.set(key, { startedMs: clock(), settled })
  }

  /** A check that fails leaves things as they are. */
  async #checked(
    provider: string,
    label: string,
    check: NonNullable<KeyRingOptions['check']>,
  ): Promise<void> {
    const isTaken = await check(provider, label).catch(() => false)
    if (isTaken) this.lift(provider, label, 'probe')
  }
}

function stateOf(whole: Held | undefined): CredentialStanding['state'] {
  if (whole === undefined) return 'ok'
  return whole.reason === 'quota' ? 'cooling' : 'quarantined'
}

function isOf(held: Held, { label, generation }: Credential): boolean {
  return held.label === label && held.generation === generation
}

function isSame(one: Held, other: Held): boolean {
  return one.label === other.label && one.model === other.model
}

/** As the provider's own refusal was, so that a client is told the same as the one who met it. */
function asRefused({ reason }: Held, { provider, model }: Target): GatewayError {
  const details = { origin: 'upstream', code: 'credential_held' } as const
  const what = `Provider "${provider}" refused every credential for it lately (${reason}), so ${model} is not asked.`
  const todo = 'Change the key, or lift that: `patchbay providers lift`.'
  switch (reason) {
    case 'auth':
    case 'permission':
      return new GatewayError('auth', `${what} ${todo}`, details)
    case 'billing':
      return new GatewayError('quota', `${what} ${todo}`, {
        ...details,
        upstream: { provider, status: 402 },
      })
    case 'quota':
      return new GatewayError('quota', `${what} ${todo}`, {
        ...details,
        upstream: { provider, status: 429 },
      })
  }
}
