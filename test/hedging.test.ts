// A hedge over real sockets: the slow provider's connection is closed while the quick one still speaks.
import { afterEach, expect, it } from 'vitest'
import type { Happening } from '../src/exchange/happening.ts'
import { type FaultyUpstream, openFaultyUpstream } from './faults/faulty-upstream.ts'
import { question, textOf } from './faults/good-answer.ts'
import { until } from './faults/invariants.ts'
import { type OpenGateway, openGateway } from './open-gateway.ts'
import { wireClients } from './wire-clients.ts'

let slow: FaultyUpstream
let quick: FaultyUpstream
let open: OpenGateway

afterEach(async () => {
  await open.close()
  await slow.close()
  await quick.close()
})

it.each(wireClients)('a client of $name hears the quick one alone', async (client) => {
  slow = await openFaultyUpstream()
  quick = await openFaultyUpstream()
  slow.script((call) => (call === undefined ? [] : [{ at: 'head', do: 'stall' }]))
  // It speaks until the slow one's connection is closed.
  quick.script((call) => (call === undefined ? [] : [{ at: 'end', do: 'stall' }]))
  open = await openGateway({
    providers: Object.entries({ slow, quick }).map(([name, upstream]) => ({
      providerType: 'custom' as const,
      name,
      baseUrl: upstream.url('anthropic-messages'),
      models: ['m'],
      settings: { dialect: 'anthropic-messages', local: true },
    })),
    config: {
      routes: [
        {
          name: 'smart',
          targets: [{ model: 'slow/m' }, { model: 'quick/m' }],
          hedge: { delayMs: 20, maxShare: 1 },
        },
      ],
    },
  })
  const happenings: Happening[] = []
  open.gateway.manager.happenings.listen((happening) => happenings.push(happening))
  const asked = { model: 'smart', text: question(5), streamed: true }
  const response = await fetch(open.url + client.path(asked), {
    method: 'POST',
    body: JSON.stringify(client.body(asked)),
  })
  expect(response.headers.get('x-patchbay-trail')).toMatch(/quick\/m#hedge=ok/)
  await until(() => slow.calls[0]?.aborted === true)
  expect(client.hear(await response.text()).text).toBe(textOf(5))
  await until(() => happenings.some(({ type }) => type === 'hedge-ended'))
  expect(happenings.find(({ type }) => type === 'hedge-ended')).toMatchObject({
    hedge: 'won',
    winner: { provider: 'quick' },
    loser: { provider: 'slow' },
    cost: { nanoUsd: 0 },
  })
  // What the caller is charged for is the winner's alone.
  await until(() => happenings.some(({ type }) => type === 'call-ended'))
  expect(happenings.find((happening) => happening.type === 'call-ended')).toMatchObject({
    outcome: 'succeeded',
    usage: { output: { total: 12 } },
  })
})
