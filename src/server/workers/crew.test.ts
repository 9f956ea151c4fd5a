// The primary's view of its workers: who is started when, told what, asked, replaced, and when it all ends.
import { describe, expect, it } from 'vitest'
import { MemoryEntries } from '../../resilience/cache/memory-entries.ts'
import { MemoryLimits } from '../../resilience/limits/memory-limits.ts'
import { MemoryAnswers } from '../../store/memory-answers.ts'
import type { News, Start } from './asks.ts'
import { Crew, type Ending, type Hand, type Lost } from './crew.ts'
import { Answerers, Line, type Word } from './line.ts'
import { ModelHouse } from './model-house.ts'
import { Restarts } from './restarts.ts'

const KILLED: Ending = { code: null, signal: 'SIGKILL' }
const OPEN = {
  type: 'target-state-changed',
  target: { provider: 'house', model: 'm' },
  from: 'closed',
  to: 'open',
  waitMs: 5000,
} as const

function now(): number {
  return 1000
}

/** A worker that a test plays. */
class Played implements Hand {
  readonly pid: number
  readonly heard: News[] = []
  readonly duties: Answerers = new Answerers()
  readonly line: Line
  isKilled = false
  #primary: (words: readonly Word[]) => void = () => undefined
  #ended: (how: Ending) => void = () => undefined

  constructor(pid: number) {
    this.pid = pid
    this.line = new Line({
      send: (words) => this.#primary(structuredClone(words)),
      answerers: this.duties,
      hear: (news) => this.heard.push(news),
    })
  }

  send(words: readonly Word[]): void {
    this.line.receive(structuredClone(words))
  }

  onWords(hear: (words: readonly Word[]) => void): void {
    this.#primary = hear
  }

  onEnd(hear: (how: Ending) => void): void {
    this.#ended = hear
  }

  kill(): void {
    this.isKilled = true
  }

  /** It says that it is here, and gets its start. */
  async joins(): Promise<Start | undefined> {
    this.line.tell({ type: 'here' })
    await turns()
    return this.heard.find((news) => news.type === 'start')
  }

  async isUp(): Promise<void> {
    this.line.tell({ type: 'up' })
    await turns()
  }

  ends(how: Ending): void {
    this.#ended(how)
  }
}

/** What was said has been heard, and answered. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

function stage(count: number): {
  readonly crew: Crew
  readonly played: Played[]
  readonly lost: Lost[]
  readonly waits: { readonly ms: number; readonly run: () => void }[]
} {
  const played: Played[] = []
  const lost: Lost[] = []
  const waits: { readonly ms: number; readonly run: () => void }[] = []
  const forgets = { ttlMs: 1, maxEntries: 1, maxBytes: 1, now, after: () => () => undefined }
  const crew = new Crew({
    count,
    fork: () => {
      const hand = new Played(100 + played.length)
      played.push(hand)
      return hand
    },
    parts: {
      limits: new MemoryLimits(now),
      entries: new MemoryEntries({ maxEntries: 1, maxBytes: 1, clock: now }),
      answers: new MemoryAnswers(forgets),
    },
    models: new ModelHouse(() => {
      throw new TypeError('no model here')
    }),
    restarts: new Restarts(now),
    env: { PATCHBAY_VAULT_KEY: 'k' },
    port: 4711,
    now,
    after: (ms, run) => {
      waits.push({ ms, run })
      return () => undefined
    },
    lost: (one) => lost.push(one),
  })
  crew.start()
  return { crew, played, lost, waits }
}

/** All of them answer. */
async function staffed(count: number): Promise<ReturnType<typeof stage>> {
  const all = stage(count)
  for (let at = 0; at < count; at += 1) {
    await all.played[at]?.joins()
    await all.played[at]?.isUp()
  }
  return all
}

describe('a crew', () => {
  it('begins with one, which speaks and leads, and starts the others once it answers', async () => {
    const { played } = stage(3)
    const begun = { rank: 0, count: 3, restarts: 0, leads: true, greets: true, port: 4711 }
    expect(await played[0]?.joins()).toMatchObject({ ...begun, env: { PATCHBAY_VAULT_KEY: 'k' } })
    expect(played).toHaveLength(1)
    await played[0]?.isUp()
    expect(played).toHaveLength(3)
    expect(await played[2]?.joins()).toMatchObject({ rank: 2, leads: false, greets: false })
  })

  it('passes on what one has seen, and tells it to whoever comes later', async () => {
    const { played, waits } = await staffed(2)
    played[0]?.line.tell({ type: 'fact', fact: OPEN })
    const given = [{ form: 'bytes', text: 'AA==' }] as const
    played[0]?.line.tell({ type: 'vault', given })
    await turns()
    expect(played[1]?.heard).toContainEqual({ type: 'fact', fact: OPEN })
    expect(played[1]?.heard).toContainEqual({ type: 'vault', given })
    expect(played[0]?.heard).not.toContainEqual({ type: 'fact', fact: OPEN })
    played[1]?.ends(KILLED)
    waits[0]?.run()
    expect(await played[2]?.joins()).toMatchObject({
      rank: 1,
      restarts: 1,
      facts: [OPEN],
      vault: given,
    })
  })

  it('replaces one that dies, and has another lead where that was the leader', async () => {
    const { crew, played, lost, waits } = await staffed(2)
    played[0]?.ends(KILLED)
    await turns()
    expect(lost).toEqual([{ rank: 0, pid: 100, ...KILLED, againMs: 0 }])
    expect(played[1]?.heard).toContainEqual({ type: 'lead' })
    const fact = { type: 'worker-ended', rank: 0, restarts: 1 }
    expect(played[1]?.heard).toContainEqual({ type: 'fact', fact })
    expect(crew.living).toBe(1)
    waits[0]?.run()
    expect(await played[2]?.joins()).toMatchObject({ rank: 0, leads: false, greets: false })
  })

  it('has the others go on without the trial of one that has died', async () => {
    const { played } = await staffed(2)
    const { target } = OPEN
    const other = { provider: 'house', model: 'other' }
    for (const fact of [
      { type: 'target-tried', target, state: 'begun' },
      { type: 'target-tried', target: other, state: 'begun' },
      { type: 'target-tried', target: other, state: 'ended' },
    ] as const) {
      played[0]?.line.tell({ type: 'fact', fact })
    }
    await turns()
    played[0]?.ends(KILLED)
    await turns()
    const ended = played[1]?.heard.filter(
      (news) =>
        news.type === 'fact' && news.fact.type === 'target-tried' && news.fact.state === 'ended',
    )
    expect(ended).toHaveLength(2)
    const fact = { type: 'target-tried', target, state: 'ended' }
    expect(ended).toContainEqual({ type: 'fact', fact })
  })

  it('asks all that answer to reload, and fails where one does not take it', async () => {
    const { crew, played } = await staffed(2)
    const report = { generation: 2, changed: [], restart: [] }
    for (const worker of played) worker.duties.on('reload', () => report)
    expect(await crew.reload()).toEqual(report)
    played[1]?.duties.on('reload', () => {
      throw new TypeError('no')
    })
    await expect(crew.reload()).rejects.toMatchObject({ kind: 'internal' })
    played[1]?.duties.on('counts', () => 'its counts')
    expect(await played[0]?.line.ask('others-counts', undefined)).toEqual(['its counts'])
    let renewed = 0
    for (const worker of played) worker.duties.on('renew-certificate', () => void (renewed += 1))
    await crew.renew()
    expect(renewed).toBe(2)
  })

  it('ends with 0 once all have ended as they were told', async () => {
    const { crew, played, lost } = await staffed(2)
    crew.stop()
    crew.hurry()
    crew.kill()
    await turns()
    for (const worker of played) {
      expect(worker.heard.slice(-2)).toEqual([{ type: 'stop' }, { type: 'hurry' }])
      expect(worker.isKilled).toBe(true)
      worker.ends({ code: 0, signal: null })
    }
    expect(await crew.ended).toBe(0)
    expect(lost).toEqual([])
  })

  it('ends with the code of the first where that cannot even start, and starts no other', async () => {
    const { crew, played, lost } = stage(3)
    await played[0]?.joins()
    played[0]?.ends({ code: 78, signal: null })
    expect(await crew.ended).toBe(78)
    expect(played).toHaveLength(1)
    expect(lost).toEqual([])
  })

  it('gives up where all die faster than they may be started again', async () => {
    const { crew, played, lost, waits } = await staffed(1)
    for (let death = 0; death < 5; death += 1) {
      played[death]?.ends({ code: 1, signal: null })
      waits[death]?.run()
    }
    played[5]?.ends({ code: 1, signal: null })
    expect(await crew.ended).toBe(1)
    expect(lost.map(({ againMs }) => againMs)).toEqual([0, 200, 400, 800, 1600, undefined])
  })
})
