// Six running gateways, each before one fake upstream of another protocol that knows every model and says "pong".
import type { Json } from '../../src/wire/json.ts'
import { isObject } from '../../src/wire/json.ts'
import { type Id, IDS } from '../bugs/protocols.ts'
import { PONG, said } from '../bugs/said.ts'
import { providerOf } from '../bugs/switchboard.ts'
import { type FakeUpstream, type SeenRequest, openUpstream } from '../fake-upstream.ts'
import { type OpenGateway, openGateway } from '../open-gateway.ts'

export interface Before {
  readonly opened: OpenGateway
  readonly upstream: FakeUpstream
}

export interface SixGateways {
  before(id: Id): Before
  close(): Promise<void>
}

export async function openSix(models: readonly string[]): Promise<SixGateways> {
  const pairs = await Promise.all(
    IDS.map(async (id): Promise<readonly [Id, Before]> => [id, await openBefore(id, models)]),
  )
  const all = new Map(pairs)
  return {
    before: (id) => {
      const found = all.get(id)
      if (found === undefined) throw new Error(`no gateway before ${id}`)
      return found
    },
    close: async () => {
      for (const { opened, upstream } of all.values()) {
        await opened.close()
        await upstream.close()
      }
    },
  }
}

async function openBefore(id: Id, models: readonly string[]): Promise<Before> {
  const upstream = await openUpstream()
  const whole = said(id, PONG, 'whole')
  const stream = said(id, PONG, 'stream')
  upstream.answer((seen) => (asksForStream(id, seen) ? stream : whole))
  const provider = providerOf(id, upstream.url)
  const opened = await openGateway({
    providers: [
      {
        ...provider,
        name: 'upstream',
        apiKey: 'sk-upstream',
        models: [...models],
        settings: { ...provider.settings, local: true },
      },
    ],
  })
  return { opened, upstream }
}

function asksForStream(id: Id, { path, json }: SeenRequest): boolean {
  if (id === 'gemini') return path.includes(':streamGenerateContent')
  const wish: Json | undefined = isObject(json) ? json['stream'] : undefined
  return id === 'ollama' ? wish !== false : wish === true
}
