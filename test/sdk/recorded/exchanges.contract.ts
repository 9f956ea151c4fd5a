// What every client library must see of every recorded exchange, whichever protocol it was recorded in.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Json } from '../../../src/wire/json.ts'
import { hasCorpus } from '../../corpus.ts'
import { type RecordedGateway, recordedGateway } from '../../replay/recorded/recorded-gateway.ts'
import {
  type Recording,
  WAYS,
  type Way,
  leftOut,
  modelOf,
  recordings,
} from '../../replay/recorded/recording.ts'
import { type Told, toldBy } from '../../replay/recorded/told.ts'
import type { Ask, ClientKind, Conversation, Mode, Tool } from '../clients/client.ts'
import { protocolSpokenBy } from '../clients/spoken.ts'
import { type Case, type Outcome, type Scale, judge } from './judge.ts'
import { type Limit, limitOf } from './limit.ts'
import { goesOn, judgeNextTurn } from './next-turn.ts'
import { Tally } from './tally.ts'

type Choice = (one: Recording, at: number) => boolean

/** For clients that cost more than they prove. */
export const everySecond: Choice = (_, at) => at % 2 === 0

/** `limits`: what these clients do not show; each must be needed. `of`: which recordings. */
export function recordedExchanges(
  kinds: readonly ClientKind[],
  limits: readonly Limit[],
  of: Choice = () => true,
): void {
  const all = recordings().filter(of)
  const heard: Books['heard'] = (model) => gateway?.heard(model)
  const books: Books = { tally: new Tally(), limits, used: new Set(), heard }
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

    it('are of every protocol: whole, streamed and refused', () => {
      const kinds = new Set(all.map((one) => `${one.protocol} ${kindOf(one)}`))
      expect(kinds.size).toBe(18)
    })

    it('asks the upstreams for nothing that was not recorded', () => {
      expect(gateway?.strays).toEqual([])
    })

    it('has no excuse that is not needed', () => {
      const known = limits.filter(({ client, recording }) => {
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
  readonly limits: readonly Limit[]
  /** Excuses that were needed. */
  readonly used: Set<Limit>
  /** The last request for a model. */
  readonly heard: (model: string) => Json | undefined
}

function kindOf({ status, stream }: Recording): 'refused' | 'whole' | 'streamed' {
  if (status !== 200) return 'refused'
  return stream === undefined ? 'whole' : 'streamed'
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
  { tally, limits, used, heard }: Books,
): Promise<readonly string[]> {
  const { client, kind, one, mode, way } = at
  const asker = `${kind.name} ${mode}`.replaceAll(/\W+/g, '_')
  const model = modelOf(one, way, asker)
  const conversation = client.open(askOf(told, model))
  const outcome = await outcomeOf(conversation, mode)
  const found: string[] = []
  const scale: Scale = {
    check(what, got, wanted) {
      const [said, expected] = [got, wanted].map((value) => JSON.stringify(value))
      const limit = said === expected ? undefined : limitOf(limits, at, what)
      if (said === expected) tally.proven(at, what)
      else if (limit === undefined) {
        found.push(`${kind.name}, ${mode}, ${way}: ${what}: ${said} and not ${expected}`)
      } else {
        used.add(limit)
        tally.excused(at, what, limit.why)
      }
    },
    excuse: (what, why) => tally.excused(at, what, why),
  }
  judge(outcome, told, { ...at, scale })
  if (told.kind === 'answered' && goesOn(told, outcome)) {
    const { answer } = told
    await judgeNextTurn({ conversation, answer }, () => heard(model), { ...at, scale })
  }
  return found
}

async function outcomeOf(conversation: Conversation, mode: Mode): Promise<Outcome> {
  try {
    return { reply: await conversation.next(mode) }
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
