// One worker among others: what it passes on and what it does not, what it follows, and how it opens its vault as they do theirs.
import { describe, expect, it } from 'vitest'
import { Happenings } from '../../exchange/happenings.ts'
import type { Happening } from '../../exchange/happening.ts'
import { ProviderManager } from '../../pipeline/library.ts'
import type { GivenKey } from '../../vault/given-key.ts'
import { Secret } from '../../vault/secret.ts'
import type { News, Start } from './asks.ts'
import { followPeers } from './follow-peers.ts'
import { givenIn, wordOf } from './given-word.ts'
import { Answerers, Line } from './line.ts'
import { Peers } from './peers.ts'

const START: Start = {
  type: 'start',
  rank: 1,
  count: 2,
  restarts: 0,
  leads: false,
  greets: false,
  env: {},
  facts: [],
}
const target = { provider: 'house', model: 'm' }
const OPEN = {
  type: 'target-state-changed',
  target,
  from: 'closed',
  to: 'open',
  reason: 'http_500',
  waitMs: 5000,
} as const

function worker(start: Partial<Start> = {}): { readonly peers: Peers; readonly told: News[] } {
  const told: News[] = []
  const line = new Line({
    send: (words) => {
      for (const word of words) if (word.type === 'news') told.push(word.news)
    },
    answerers: new Answerers(),
    hear: () => undefined,
  })
  return { peers: new Peers(line, new Answerers(), { ...START, ...start }), told }
}

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

function following(peers: Peers): {
  readonly manager: ProviderManager
  readonly facts: Happening[]
} {
  const happenings = new Happenings()
  const facts: Happening[] = []
  happenings.listen((fact) => facts.push(fact))
  const manager = new ProviderManager({ happenings, company: peers, clock: () => 1000 })
  followPeers(peers, manager)
  return { manager, facts }
}

function nothing(): void {}

/** A vault that remembers what was done with it. */
function vault(): {
  isSealed: boolean
  readonly done: string[]
  readonly onChange: (listener: () => void) => void
  readonly unlock: () => Promise<void>
  readonly lock: () => Promise<void>
  seals: () => void
} {
  let changed: () => void = nothing
  const done: string[] = []
  const self = {
    isSealed: true,
    done,
    onChange: (listener: () => void) => {
      changed = listener
    },
    unlock: async () => {
      done.push('unlock')
      self.isSealed = false
    },
    lock: async () => {
      done.push('lock')
      self.isSealed = true
    },
    seals: () => {
      self.isSealed = true
      changed()
    },
  }
  return self
}

describe('facts', () => {
  it('of others are in force here, told as heard, and not passed back', async () => {
    const { peers, told } = worker()
    const { manager, facts } = following(peers)
    peers.hear({ type: 'fact', fact: OPEN })
    expect(manager.targets.standing(target)).toMatchObject({
      state: 'open',
      waitMs: 5000,
      lastFailure: 'http_500',
    })
    expect(facts).toEqual([{ type: 'heard', fact: OPEN }])
    peers.hear({ type: 'fact', fact: { ...OPEN, from: 'half-open', to: 'slow-start' } })
    expect(manager.targets.standing(target).state).toBe('slow-start')
    await turn()
    expect(told).toEqual([])
  })

  it('of before it came are in force from its start', () => {
    const { peers } = worker({ facts: [OPEN, { type: 'target-cooled', target, forMs: 700 }] })
    const { manager } = following(peers)
    expect(manager.targets.standing(target)).toMatchObject({ state: 'open', coolingMs: 700 })
  })

  it('of its own are passed on where only it can know them', async () => {
    const { peers, told } = worker()
    const { manager } = following(peers)
    const { tell } = manager.happenings
    tell(OPEN)
    tell({ ...OPEN, from: 'open', to: 'half-open' })
    tell({ ...OPEN, from: 'slow-start', to: 'closed' })
    tell({ type: 'drain-started', calls: 1 })
    await turn()
    expect(told).toEqual([{ type: 'fact', fact: OPEN }])
  })

  it('of a trial elsewhere keep calls away until it has ended', () => {
    const { peers } = worker({ rank: 0 })
    const { manager } = following(peers)
    peers.hear({ type: 'fact', fact: { ...OPEN, waitMs: 0 } })
    peers.hear({ type: 'fact', fact: { type: 'target-tried', target, state: 'begun' } })
    expect(manager.targets.enter(target)).toBeUndefined()
    peers.hear({ type: 'fact', fact: { type: 'target-tried', target, state: 'ended' } })
    expect(manager.targets.enter(target)).toMatchObject({ admissions: [{ trial: true }] })
  })

  it('of a provider that is gone hold for every target of it', () => {
    const { peers } = worker()
    const { manager } = following(peers)
    const entry = manager.targets.enter(target)
    if (entry !== undefined) manager.targets.end(entry, 'succeeded')
    peers.hear({ type: 'fact', fact: { type: 'provider-found', provider: 'house', state: 'lost' } })
    expect(manager.targets.standing(target).state).toBe('open')
  })
})

describe('the vault', () => {
  const KEY: GivenKey = { form: 'bytes', bytes: Buffer.from('0123') }

  it('is opened with what has opened it elsewhere, at the start and later, and locked with the others', async () => {
    const { peers, told } = worker({ vault: [wordOf(KEY)] })
    expect(peers.given).toEqual([KEY])
    const own = vault()
    peers.follow(own)
    peers.hear({ type: 'vault', given: undefined })
    peers.hear({ type: 'vault', given: [wordOf(KEY)] })
    await turn()
    expect(own.done).toEqual(['unlock', 'lock', 'unlock'])
    expect(told).toEqual([])
  })

  it('is opened once with the new key where another has changed it, and not again where that does not help', () => {
    const { peers } = worker({ vault: [wordOf(KEY)] })
    const own = vault()
    peers.follow(own)
    own.seals()
    expect(own.done).toEqual(['unlock'])
    peers.hear({ type: 'vault', given: [wordOf({ form: 'bytes', bytes: Buffer.from('45') })] })
    expect(own.done).toEqual(['unlock', 'unlock'])
  })

  it('says to the others with what it was opened, and that it was locked, once', async () => {
    const { peers, told } = worker()
    peers.keyed([KEY])
    peers.keyed(undefined)
    peers.keyed(undefined)
    await turn()
    expect(told).toEqual([
      { type: 'vault', given: [wordOf(KEY)] },
      { type: 'vault', given: undefined },
    ])
  })

  it.each<GivenKey>([
    KEY,
    { form: 'passphrase', passphrase: new Secret('horse battery') },
    { form: 'age', identity: Buffer.from('age') },
  ])('has its $form as it was on the other side', (given) => {
    const back = givenIn(structuredClone(wordOf(given)))
    expect(wordOf(back)).toEqual(wordOf(given))
    expect(back.form).toBe(given.form)
  })
})

it('leads from the start, or once it is told', () => {
  const { peers } = worker()
  let led = 0
  peers.whenLeading(() => {
    led += 1
  })
  expect([peers.leads(), led]).toEqual([false, 0])
  peers.hear({ type: 'lead' })
  expect([peers.leads(), led]).toEqual([true, 1])
  const first = worker({ leads: true }).peers
  first.whenLeading(() => {
    led += 1
  })
  expect(led).toBe(2)
})

it('obeys its primary', () => {
  const { peers } = worker()
  const obeyed: string[] = []
  peers.obey({ stop: () => obeyed.push('stop'), hurry: () => obeyed.push('hurry') })
  peers.hear({ type: 'stop' })
  peers.hear({ type: 'hurry' })
  expect(obeyed).toEqual(['stop', 'hurry'])
})

it('obeys also what it was told before it could', () => {
  const { peers } = worker()
  const obeyed: string[] = []
  peers.hear({ type: 'stop' })
  peers.obey({ stop: () => obeyed.push('stop'), hurry: () => obeyed.push('hurry') })
  expect(obeyed).toEqual(['stop'])
})
