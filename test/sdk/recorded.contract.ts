// What every client library must see of every recorded exchange, whichever protocol it was recorded in.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { hasCorpus } from '../corpus.ts'
import { type RecordedGateway, recordedGateway } from '../replay/recorded/recorded-gateway.ts'
import {
  type Recording,
  WAYS,
  type Way,
  leftOut,
  modelOf,
  recordings,
} from '../replay/recorded/recording.ts'
import { type Told, toldBy } from '../replay/recorded/told.ts'
import type { Ask, Client, ClientKind, Mode, Tool } from './clients/client.ts'
import { protocolSpokenBy } from './clients/spoken.ts'
import { type Case, type Outcome, judge } from './recorded-expectation.ts'
import { type Spelling, spellingOf, spellings } from './recorded-spellings.ts'
import { Tally } from './recorded-tally.ts'

/** `of`: which recordings; all where it is absent. */
export function recordedExchanges(
  kinds: readonly ClientKind[],
  of: (one: Recording, at: number) => boolean = () => true,
): void {
  const all = recordings().filter(of)
  const books: Books = { tally: new Tally(), used: new Set() }
  const { tally, used } = books
  let gateway: RecordedGateway | undefined
  beforeAll(async () => {
    if (all.length > 0) gateway = await recordedGateway(all)
  })
  afterAll(async () => {
    await gateway?.close()
    if (all.length > 0) console.log(tally.summary())
  })

  describe.skipIf(!hasCorpus())('recorded exchanges', () => {
    it.for(all)('$provider: $title', async (one) => {
      const { url = '', clientKey: key = '' } = gateway?.opened ?? {}
      const told = toldBy(one)
      const wrong = kinds.map(async (kind) => {
        const client = await kind.connect({ url, key })
        const protocol = protocolSpokenBy(kind.name)
        const found: string[] = []
        for (const mode of modesOf(one)) {
          for (const way of waysOf(one, protocol)) {
            found.push(
              ...(await differences(told, { one, kind, client, protocol, mode, way }, books)),
            )
          }
        }
        return found
      })
      expect((await Promise.all(wrong)).flat()).toEqual([])
    })

    it('asks the upstreams for nothing that was not recorded', () => {
      expect(gateway?.strays).toEqual([])
    })

    it('has no excuse that is not needed', () => {
      const known = spellings.filter(({ client, recording }) => {
        const isHeard = kinds.some(({ name }) => client.test(name))
        return isHeard && all.some(({ name }) => recording.test(name))
      })
      expect(known.filter((one) => !used.has(one))).toEqual([])
    })

    it.for(leftOut())('leaves out $count of $api: $reason', ({ reason }) => {
      expect(reason).toBeDefined()
    })
  })
}

interface Books {
  readonly tally: Tally
  /** Excuses that were needed. */
  readonly used: Set<Spelling>
}

/** As it was recorded; a refusal is one however it was asked. */
function modesOf({ status, stream }: Recording): readonly Mode[] {
  if (status !== 200) return ['whole', 'stream']
  return stream === undefined ? ['whole'] : ['stream']
}

function waysOf({ protocol }: Recording, spoken: string): readonly Way[] {
  return protocol === spoken ? WAYS : ['passed']
}

/** Everything in which the client does not see what it should. */
async function differences(
  told: Told,
  at: Case,
  { tally, used }: Books,
): Promise<readonly string[]> {
  const { client, kind, one, mode, way } = at
  const asker = `${kind.name} ${mode}`.replaceAll(/\W+/g, '_')
  const outcome = await outcomeOf(client, askOf(told, modelOf(one, way, asker)), mode)
  const found: string[] = []
  judge(outcome, told, at, {
    check(what, got, wanted) {
      const spelling = spellingOf(at, what)
      if (JSON.stringify(got) === JSON.stringify(wanted)) tally.proven(at, what)
      else if (spelling !== undefined) {
        used.add(spelling)
        tally.excused(at, what, spelling.why)
      } else {
        const [said, expected] = [got, wanted].map((value) => JSON.stringify(value))
        found.push(`${kind.name}, ${mode}, ${way}: ${what}: ${said} and not ${expected}`)
      }
    },
    excuse: (what, why) => tally.excused(at, what, why),
  })
  return found
}

async function outcomeOf(client: Client, ask: Ask, mode: Mode): Promise<Outcome> {
  try {
    return { reply: await client.open(ask).next(mode) }
  } catch (thrown) {
    return { thrown }
  }
}

/** As a program asks that was answered so: tools where any is called, thinking where any is told. */
function askOf(told: Told, model: string): Ask {
  const ask = { model, system: 'You are terse.', question: 'What now?' }
  if (told.kind !== 'answered') return ask
  const { calls, thinking } = told.answer
  return {
    ...ask,
    ...(calls.length === 0 ? {} : { tools: toolsOf(calls.map(({ name }) => name)) }),
    ...(thinking === '' ? {} : { thinks: true }),
  }
}

function toolsOf(names: readonly string[]): readonly Tool[] {
  return [...new Set(names)].map((name) => ({
    name,
    description: 'As it was recorded.',
    parameters: z.looseObject({}),
  }))
}
