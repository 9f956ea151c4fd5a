// The workers of a server, as the primary has them: who lives, who leads, what each is told, and who comes in the place of the dead.
import type { TargetTried } from '../../exchange/facts/targets.ts'
import type { OwnFact } from '../../exchange/happening.ts'
import { targetName } from '../../exchange/target.ts'
import type { ReloadReport } from '../reload.ts'
import type { AskName, Asks, News, Start } from './asks.ts'
import type { GivenWord } from './given-word.ts'
import { Line, type Word } from './line.ts'
import type { ModelDoor, ModelHouse } from './model-house.ts'
import { KnownFacts } from './passed-facts.ts'
import type { Restarts } from './restarts.ts'
import { type Desk, type SharedParts, deskFor } from './shared-desk.ts'

/** A process that was started, and its end of the channel. */
export interface Hand {
  readonly pid: number
  send(words: readonly Word[]): void
  onWords(hear: (words: readonly Word[]) => void): void
  /** Hears once how it ended: its exit code, or the signal that ended it. */
  onEnd(hear: (how: Ending) => void): void
  kill(): void
}

export interface Ending {
  readonly code: number | null
  readonly signal: string | null
}

export interface CrewOptions {
  readonly count: number
  readonly fork: () => Hand
  readonly parts: SharedParts
  readonly models: ModelHouse
  readonly restarts: Restarts
  /** What workers have in memory only. */
  readonly env: Readonly<Record<string, string>>
  /** The port of all of them, where the configuration leaves it to the system. */
  readonly port?: number
  /** Milliseconds. */
  readonly now: () => number
  readonly after: (milliseconds: number, run: () => void) => () => void
  /** A worker ended that was not told to. */
  readonly lost: (ending: Lost) => void
}

export interface Lost extends Ending {
  readonly rank: number
  readonly pid: number
  /** Milliseconds until another takes its place; undefined where none does. */
  readonly againMs?: number
}

interface Member {
  readonly rank: number
  readonly hand: Hand
  readonly line: Line
  readonly desk: Desk
  readonly door: ModelDoor
  /** Targets that it tries just now. */
  readonly trials: Map<string, TargetTried>
  isUp: boolean
}

export class Crew {
  readonly #options: CrewOptions
  /** How often one was started in each place. */
  readonly #starts = new Map<number, number>()
  readonly #members = new Map<number, Member>()
  readonly #known: KnownFacts
  readonly #ended = Promise.withResolvers<number>()
  readonly #waits = new Set<() => void>()
  #leader: number | undefined
  #vault: readonly GivenWord[] | undefined
  /** Whether one has ever answered. */
  #hasBegun = false
  #isStopping = false
  #worst = 0

  constructor(options: CrewOptions) {
    this.#options = options
    this.#known = new KnownFacts(options.now)
  }

  /** Resolves with the exit code once there are no workers any more, and none will come. */
  get ended(): Promise<number> {
    return this.#ended.promise
  }

  get living(): number {
    return this.#members.size
  }

  /** The first makes and says what there is to be made and said; the others come once it answers. */
  start(): void {
    this.#fork(0)
  }

  /** Lets calls under way end. */
  stop(): void {
    this.#isStopping = true
    for (const cancel of this.#waits) cancel()
    this.#waits.clear()
    this.#tellAll({ type: 'stop' })
    this.#endWhereEmpty()
  }

  hurry(): void {
    this.#tellAll({ type: 'hurry' })
  }

  kill(): void {
    for (const { hand } of this.#members.values()) hand.kill()
  }

  /** Every worker reads its configuration anew. Rejects where one does not take it. */
  async reload(): Promise<ReloadReport> {
    const [first] = await this.#ask(this.#up(), 'reload', undefined)
    if (first === undefined) throw new TypeError('no worker is up')
    return first
  }

  async renew(): Promise<void> {
    await this.#ask(this.#up(), 'renew-certificate', undefined)
  }

  #fork(rank: number): void {
    const { fork, parts, models } = this.#options
    const hand = fork()
    const desk = deskFor(parts)
    const line = new Line({
      send: (words) => hand.send(words),
      answerers: desk.answerers
        .on('others-counts', async () => this.#ask(this.#others(rank), 'counts', undefined))
        .on('others-reload', async () => {
          await this.#ask(this.#others(rank), 'reload', undefined)
        }),
      hear: (news) => this.#hear(member, news),
    })
    const door = models.doorFor((news) => line.tell(news))
    const member: Member = { rank, hand, line, desk, door, trials: new Map(), isUp: false }
    this.#members.set(rank, member)
    this.#leader ??= rank
    this.#starts.set(rank, (this.#starts.get(rank) ?? 0) + 1)
    hand.onWords((words) => line.receive(words))
    hand.onEnd((ending) => this.#lose(member, ending))
  }

  #hear(member: Member, news: News): void {
    const { rank, line } = member
    switch (news.type) {
      case 'here':
        line.tell(this.#startOf(rank))
        if (this.#isStopping) line.tell({ type: 'stop' })
        return
      case 'up':
        member.isUp = true
        this.#began()
        return
      case 'fact':
        this.#known.hear(news.fact)
        if (news.fact.type === 'target-tried') tried(member, news.fact)
        this.#tellOthers(rank, news)
        return
      case 'vault':
        this.#vault = news.given
        this.#tellOthers(rank, news)
        return
      case 'to-model':
        member.door.hear(news.runner, news.message)
        return
      case 'model-end':
        member.door.leave(news.runner)
        return
      case 'start':
      case 'lead':
      case 'stop':
      case 'hurry':
      case 'from-model':
    }
  }

  #startOf(rank: number): Start {
    const { count, env, port } = this.#options
    return {
      type: 'start',
      rank,
      count,
      restarts: (this.#starts.get(rank) ?? 1) - 1,
      leads: this.#leader === rank,
      greets: !this.#hasBegun,
      env,
      facts: this.#known.all(),
      ...(port === undefined ? {} : { port }),
      ...(this.#vault === undefined ? {} : { vault: this.#vault }),
    }
  }

  #began(): void {
    if (this.#hasBegun) return
    this.#hasBegun = true
    if (this.#isStopping) return
    for (let rank = 1; rank < this.#options.count; rank += 1) this.#fork(rank)
  }

  #lose({ rank, hand, line, desk, door, trials }: Member, ending: Ending): void {
    line.end()
    this.#members.delete(rank)
    desk.bury()
    door.close()
    for (const trial of trials.values()) {
      this.#tellAll({ type: 'fact', fact: { ...trial, state: 'ended' } })
    }
    if (this.#leader === rank) this.#appoint()
    if (this.#isStopping) return this.#endWhereEmpty(ending)
    this.#again(rank, { pid: hand.pid, ...ending })
  }

  #again(rank: number, died: Ending & { readonly pid: number }): void {
    const { restarts, after, lost } = this.#options
    // One that never answered says itself why; there is nobody who could do better.
    const isHopeless = !this.#hasBegun || (restarts.isGuarded && this.#members.size === 0)
    if (isHopeless) {
      if (this.#hasBegun) lost({ rank, ...died })
      this.#ended.resolve(died.code === null || died.code === 0 ? 1 : died.code)
      return
    }
    const againMs = restarts.next()
    lost({ rank, ...died, againMs })
    const cancel = after(againMs, () => {
      this.#waits.delete(cancel)
      this.#fork(rank)
    })
    this.#waits.add(cancel)
    const fact: OwnFact = { type: 'worker-ended', rank, restarts: restarts.total }
    this.#tellAll({ type: 'fact', fact })
  }

  #appoint(): void {
    const [next] = this.#up()
    this.#leader = next?.rank
    next?.line.tell({ type: 'lead' })
  }

  #endWhereEmpty({ code }: Pick<Ending, 'code'> = { code: 0 }): void {
    this.#worst = Math.max(this.#worst, code ?? 1)
    if (this.#members.size === 0) this.#ended.resolve(this.#worst)
  }

  #tellAll(news: News): void {
    for (const { line } of this.#members.values()) line.tell(news)
  }

  #tellOthers(rank: number, news: News): void {
    for (const member of this.#members.values()) if (member.rank !== rank) member.line.tell(news)
  }

  /** Of those that answer; rejects where one of them fails. */
  #ask<Name extends AskName>(
    members: readonly Member[],
    name: Name,
    args: Asks[Name]['args'],
  ): Promise<readonly Asks[Name]['answer'][]> {
    return Promise.all(members.map(async ({ line }) => line.ask(name, args)))
  }

  #up(): readonly Member[] {
    return [...this.#members.values()].filter(({ isUp }) => isUp)
  }

  #others(rank: number): readonly Member[] {
    return this.#up().filter((member) => member.rank !== rank)
  }
}

/** What a worker has begun and not ended when it dies, the others need not wait for. */
function tried({ trials }: Member, fact: TargetTried): void {
  const key = targetName(fact.target)
  if (fact.state === 'begun') trials.set(key, fact)
  else trials.delete(key)
}
