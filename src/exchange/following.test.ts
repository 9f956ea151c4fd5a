// Those who follow a call hear of it as if each of them stood around it alone, and share one look at its reply.
import { describe, expect, it } from 'vitest'
import { chatExchange, wholeReply } from '../../test/chat-exchange.ts'
import { GatewayError } from '../canonical/errors.ts'
import type { ChatEvent } from '../canonical/event.ts'
import type { Handler, Reply } from './exchange.ts'
import { Following, followed } from './following.ts'
import type { Follower } from './follower.ts'

const BROKEN = new GatewayError('upstream', 'broken', { origin: 'upstream' })

class Noting implements Follower {
  readonly #name: string
  readonly #heard: string[]

  constructor(name: string, heard: string[]) {
    this.#name = name
    this.#heard = heard
  }

  left(): void {
    this.#note('left')
  }

  began(): void {
    this.#note('began')
  }

  hear({ type }: ChatEvent): void {
    this.#note(type)
  }

  ended({ outcome, usage }: Parameters<Follower['ended']>[0]): void {
    this.#note(`${outcome.kind} ${usage?.output?.total ?? ''}`.trim())
  }

  failed({ kind }: GatewayError): void {
    this.#note(kind)
  }

  #note(what: string): void {
    this.#heard.push(`${this.#name} ${what}`)
  }
}

async function* of(...events: readonly ChatEvent[]): AsyncGenerator<readonly ChatEvent[]> {
  for (const event of events) yield [event]
}

/** A call with two who follow it, the second nearer to its answer. */
function followedBy(heard: string[], answer: Handler): Handler {
  const inner: Handler = (exchange) => followed(new Noting('inner', heard), answer, exchange)
  return (exchange) => followed(new Noting('outer', heard), inner, exchange)
}

async function read(reply: Reply): Promise<void> {
  if (reply.kind === 'stream') for await (const _ of reply.events);
}

describe('those who follow a call', () => {
  it('hear of a whole answer at once, the nearest first', async () => {
    const heard: string[] = []
    const whole = wholeReply()
    expect(await followedBy(heard, async () => whole)(chatExchange())).toBe(whole)
    expect(heard).toEqual(['inner began', 'outer began', 'inner succeeded', 'outer succeeded'])
  })

  it('hear what is said in a stream, and how it ended', async () => {
    const heard: string[] = []
    const usage: ChatEvent = { type: 'usage-update', usage: { output: { total: 3 } } }
    const events = of(usage, { type: 'error', error: BROKEN })
    await read(
      await followedBy(heard, async () => ({ kind: 'stream', events, notes: [] }))(chatExchange()),
    )
    expect(heard.slice(2)).toEqual([
      'outer usage-update',
      'inner usage-update',
      'outer error',
      'inner error',
      'inner failed 3',
      'outer failed 3',
    ])
  })

  it('hear of a failure before any answer, be it thrown at once', async () => {
    const heard: string[] = []
    const handler = followedBy(heard, () => {
      throw BROKEN
    })
    await expect(handler(chatExchange())).rejects.toBe(BROKEN)
    expect(heard).toEqual(['inner upstream', 'outer upstream'])
  })

  it('hear of a call that is given up once, and not after its end', async () => {
    const heard: string[] = []
    const leaving = new AbortController()
    const handler = followedBy(heard, async () => {
      leaving.abort()
      throw BROKEN
    })
    await expect(handler(chatExchange({ signal: leaving.signal }))).rejects.toBe(BROKEN)
    expect(heard).toEqual(['outer left', 'inner left', 'inner upstream', 'outer upstream'])
    const later = new AbortController()
    const after: string[] = []
    await followedBy(after, async () => wholeReply())(chatExchange({ signal: later.signal }))
    later.abort()
    expect(after).not.toContain('outer left')
  })

  it('hear at once of one that is given up already', async () => {
    const heard: string[] = []
    const signal = AbortSignal.abort()
    await followedBy(heard, async () => wholeReply())(chatExchange({ signal }))
    expect(heard.slice(0, 2)).toEqual(['outer left', 'inner left'])
  })

  it('are not those of a call within it', async () => {
    const heard: string[] = []
    const within: Handler = (exchange) => {
      const following = new Following(new Noting('within', heard), exchange.signal)
      return following.over(async () => Promise.reject(BROKEN), { ...exchange, following })
    }
    const again: Handler = async (exchange) => {
      await within(exchange).catch(() => undefined)
      return wholeReply()
    }
    await followedBy(heard, again)(chatExchange())
    expect(heard.filter((one) => one.startsWith('within'))).toEqual(['within upstream'])
    expect(heard.at(-1)).toBe('outer succeeded')
  })
})
