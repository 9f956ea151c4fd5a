// The other workers of a server, as one of them knows them: what it shares with them, asks of them and hears from them.
import type { OwnFact, Tell } from '../../exchange/happening.ts'
import type { StartWorker } from '../../providers/local/worker-process.ts'
import type { Company } from '../../resilience/company.ts'
import type { AnswerStore } from '../../store/answer-store.ts'
import type { Shared } from '../../store/shared.ts'
import type { GivenKey } from '../../vault/given-key.ts'
import type { News, Start } from './asks.ts'
import { givenIn, wordOf } from './given-word.ts'
import type { Answerers, Line } from './line.ts'
import { isPassed } from './passed-facts.ts'
import { ModelsOver } from './models-over.ts'
import { answersOver, entriesOver, limitsOver } from './shared-parts.ts'

/** Of a vault: what another worker does with it is done here too. */
export interface FollowingVault {
  readonly isSealed: boolean
  onChange(listener: () => void): unknown
  unlock(keys: readonly GivenKey[]): Promise<void>
  lock(): Promise<void>
}

/** How a worker that runs is told to end. */
export interface Orders {
  readonly stop: () => void
  readonly hurry: () => void
}

export class Peers implements Company {
  readonly #start: Start
  readonly #line: Line
  /** What others may ask of this one. */
  readonly duties: Answerers
  readonly shared: Shared
  readonly answers: AnswerStore
  /** Starts the embedded model, which one process runs for all. */
  readonly startModel: StartWorker
  readonly #models: ModelsOver
  #leads: boolean
  #lead: () => void = nothing
  #heard: (fact: OwnFact) => void = nothing
  /** What comes of a fact that was heard is no news to the others. */
  #isFollowing = false
  #vault: FollowingVault | undefined
  /** What opens the vault, as it was last said. */
  #given: readonly GivenKey[] | undefined
  /** With what it was tried to open it. */
  #tried: readonly GivenKey[] | undefined
  #orders: Orders | undefined
  readonly #ordered: (keyof Orders)[] = []

  constructor(line: Line, duties: Answerers, start: Start) {
    this.#line = line
    this.#start = start
    this.#leads = start.leads
    this.#given = start.vault?.map((word) => givenIn(word))
    this.duties = duties
    this.#models = new ModelsOver((news) => line.tell(news))
    this.startModel = this.#models.start
    this.shared = { limits: limitsOver(line), entries: entriesOver(line) }
    this.answers = answersOver(line)
  }

  get rank(): number {
    return this.#start.rank
  }

  get count(): number {
    return this.#start.count
  }

  /** How often a process in its place was started before. */
  get restarts(): number {
    return this.#start.restarts
  }

  /** Whether it says to the operator where the server answers. */
  get greets(): boolean {
    return this.#start.greets
  }

  /** Where the configuration leaves it to the system. */
  get port(): number | undefined {
    return this.#start.port
  }

  get env(): Start['env'] {
    return this.#start.env
  }

  /** What opens the vault, where another has opened it. */
  get given(): readonly GivenKey[] {
    return this.#given ?? []
  }

  readonly leads = (): boolean => this.#leads

  /** Does so once it leads, now or later. */
  whenLeading(lead: () => void): void {
    this.#lead = lead
    if (this.#leads) lead()
  }

  /** Passes on what it alone sees, and hears what others see; at once what they have seen already. */
  exchange(heard: (fact: OwnFact) => void): Tell {
    this.#heard = heard
    for (const fact of this.#start.facts) this.#follow(fact)
    return (fact) => {
      if (fact.type !== 'heard' && !this.#isFollowing && isPassed(fact))
        this.#line.tell({ type: 'fact', fact })
    }
  }

  /** Opens and locks its vault as others do with theirs; also where another key is needed because one of them has changed it. */
  follow(vault: FollowingVault): void {
    this.#vault = vault
    vault.onChange(() => this.#open())
    this.#open()
  }

  /** Its own was opened with these, or locked. */
  readonly keyed = (given: readonly GivenKey[] | undefined): void => {
    // What came from another is no news to it.
    if (given === this.#given) return
    this.#given = given
    this.#tried = given
    this.#line.tell({ type: 'vault', given: given?.map((one) => wordOf(one)) })
  }

  /** The metrics of all others. */
  async othersCounts(): Promise<readonly string[]> {
    return this.#line.ask('others-counts', undefined)
  }

  /** The others read their configuration anew; rejects where one of them does not take it. */
  async reloadOthers(): Promise<void> {
    await this.#line.ask('others-reload', undefined)
  }

  /** Also what it was told before it could. */
  obey(orders: Orders): void {
    this.#orders = orders
    for (const order of this.#ordered) orders[order]()
  }

  /** It answers. */
  up(): void {
    this.#line.tell({ type: 'up' })
  }

  hear(news: News): void {
    switch (news.type) {
      case 'lead':
        this.#leads = true
        this.#lead()
        return
      case 'fact':
        this.#follow(news.fact)
        return
      case 'vault':
        this.#given = news.given?.map((word) => givenIn(word))
        if (this.#given === undefined) settled(this.#vault?.lock())
        else this.#open()
        return
      case 'stop':
      case 'hurry':
        this.#ordered.push(news.type)
        this.#orders?.[news.type]()
        return
      case 'from-model':
      case 'model-end':
        this.#models.hear(news)
        return
      case 'start':
      case 'here':
      case 'up':
      case 'to-model':
    }
  }

  #follow(fact: OwnFact): void {
    this.#isFollowing = true
    try {
      this.#heard(fact)
    } finally {
      this.#isFollowing = false
    }
  }

  #open(): void {
    const given = this.#given
    if (this.#vault?.isSealed !== true || given === undefined || given === this.#tried) return
    this.#tried = given
    settled(this.#vault.unlock(given))
  }
}

/** What goes wrong is a state of the vault, which tells of it itself. */
function settled(work: Promise<void> | undefined): void {
  work?.catch(() => undefined)
}

function nothing(): void {}
