// A conversation of 20 turns with tools that goes from Claude to Gemini to OpenAI and round again, for a client of each protocol.
import { describe, expect, it } from 'vitest'
import { openGateway } from '../open-gateway.ts'
import { CLIENTS } from './clients.ts'
import { strictAnthropic } from './strict-anthropic.ts'
import { strictGemini } from './strict-gemini.ts'
import { strictResponses } from './strict-responses.ts'

const TURNS = 20
const MODELS = ['claude/claude-sonnet-4-5', 'google/gemini-3-pro', 'openai/gpt-5.2'] as const

/** Half the turns begin with one vendor and end with the next, in the middle of the tool loop. */
function modelsOf(turn: number): readonly [first: string, second: string] {
  const first = MODELS[turn % MODELS.length] ?? MODELS[0]
  const second = MODELS[(turn + (turn % 2)) % MODELS.length] ?? MODELS[0]
  return [first, second]
}

async function openVendors() {
  const vendors = await Promise.all([strictAnthropic(), strictGemini(), strictResponses()])
  const [claude, google, openai] = vendors
  const providers = [
    {
      providerType: 'custom',
      name: 'claude',
      baseUrl: claude.upstream.url,
      settings: { dialect: 'anthropic-messages' },
    },
    {
      providerType: 'custom',
      name: 'google',
      baseUrl: `${google.upstream.url}/v1beta`,
      settings: { dialect: 'gemini' },
    },
    {
      providerType: 'custom',
      name: 'openai',
      baseUrl: `${openai.upstream.url}/v1`,
      settings: { dialect: 'openai-responses' },
    },
  ].map((config) => ({ ...config, apiKey: 'test' }))
  const gateway = await openGateway({ providers })
  const close = async (): Promise<void> => {
    await gateway.close()
    for (const { upstream } of vendors) await upstream.close()
  }
  return { vendors, gateway, close }
}

const runs = CLIENTS.flatMap((client) =>
  client.streams.map((stream) => ({
    client,
    stream,
    title: `${client.id}, ${stream ? 'streamed' : 'whole'}`,
  })),
)

describe.each(runs)('20 turns over three vendors for $title', ({ client, stream }) => {
  it('end without a rejected signature, and every signature has come back to its issuer byte by byte', async () => {
    const { vendors, gateway, close } = await openVendors()
    try {
      const application = client.open({ url: gateway.url, key: gateway.clientKey, stream })
      for (let turn = 0; turn < TURNS; turn += 1) {
        const [first, second] = modelsOf(turn)
        application.say(`Question ${turn}.`)
        const calls = await application.ask(first)
        expect(calls).toHaveLength(1)
        for (const call of calls) application.answer(call, `Seen ${turn}.`)
        expect(await application.ask(second)).toEqual([])
      }
      const issued = vendors.map(({ ledger }) => ledger.issued)
      // Once more, so that what came last goes back too.
      for (const model of MODELS) {
        application.say('And?')
        for (const call of await application.ask(model)) application.answer(call, 'Seen.')
        expect(await application.ask(model)).toEqual([])
      }
      expect(vendors.flatMap(({ refusals }) => refusals)).toEqual([])
      for (const [at, { ledger }] of vendors.entries()) {
        const given = issued[at] ?? []
        if (!client.carries) continue
        expect(given.length).toBeGreaterThanOrEqual(TURNS / 4)
        expect(given.filter((state) => !ledger.hasReturned(state))).toEqual([])
      }
    } finally {
      await close()
    }
  })
})

describe('a call that Claude has made without thinking', () => {
  it.each(CLIENTS.filter(({ id }) => id.startsWith('gemini')))(
    'is answered by Gemini for $id, with nothing signed before',
    async ({ open }) => {
      const { vendors, gateway, close } = await openVendors()
      try {
        for (const stream of [false, true]) {
          const application = open({ url: gateway.url, key: gateway.clientKey, stream })
          application.say('Question.')
          for (const call of await application.ask(MODELS[0])) application.answer(call, 'Seen.')
          expect(await application.ask(MODELS[1])).toEqual([])
        }
        expect(vendors.flatMap(({ refusals }) => refusals)).toEqual([])
      } finally {
        await close()
      }
    },
  )
})
