// The bench: a gateway whose providers are faulty upstreams in all six protocols, clients, and ears on everything that happens.
import { dialects } from '../../src/dialects/registry.ts'
import type { Happening } from '../../src/exchange/happening.ts'
import type { ProviderConfig } from '../../src/providers/provider-config.ts'
import type { Standing } from '../../src/resilience/target-health.ts'
import { type OpenGateway, type GatewaySetup, openGateway } from '../open-gateway.ts'
import { type ClientCall, type Seen, ask } from './client.ts'
import {
  type FaultyUpstream,
  type FaultyUpstreamOptions,
  openFaultyUpstream,
} from './faulty-upstream.ts'
import { question } from './good-answer.ts'
import { CANARY } from './canary.ts'
import { Invariants } from './invariants.ts'

/** Seconds of patience with an upstream that no busy machine runs out. */
const CALM = 10

/** Seconds of patience for tests that run it out. */
export const PATIENCE = 0.25

export interface BenchSetup extends Omit<GatewaySetup, 'providers'> {
  /** Of every provider. */
  readonly provider?: Partial<ProviderConfig>
  /** Of the broken ones alone, over that. */
  readonly brokenProvider?: Partial<ProviderConfig>
  readonly upstream?: FaultyUpstreamOptions
}

type Asked = Partial<ClientCall> & { readonly dialect: string }

export interface Bench {
  readonly gateway: OpenGateway
  /** `broken-<dialect>` in every protocol: what it does is up to the test. */
  readonly broken: FaultyUpstream
  /** `sound-<dialect>`: answers well. `route-<dialect>` asks the broken one first and this one next. */
  readonly sound: FaultyUpstream
  readonly happenings: readonly Happening[]
  /** Milliseconds of every pause between attempts; none of them is waited for. */
  readonly pauses: readonly number[]
  /** Without a model, one of `broken-<the client's dialect>` that no other call asks; the text says the number of the call. */
  ask(call: Asked): Promise<Seen>
  /** What `GET /metrics` says. */
  metrics(): Promise<string>
  /** How the targets of a provider stand that have failed, each with its credential. */
  standings(provider: string): readonly Standing[]
  /** Ends everything, and checks what must hold whatever happened. */
  close(): Promise<void>
}

export async function openBench(setup: BenchSetup = {}): Promise<Bench> {
  const invariants = new Invariants()
  const broken = await openFaultyUpstream(setup.upstream)
  const sound = await openFaultyUpstream()
  const pauses: number[] = []
  const gateway = await openGateway({
    pause: async (milliseconds) => {
      pauses.push(milliseconds)
    },
    random: () => 0.5,
    ...setup,
    providers: dialects.flatMap(({ id }) => [
      providerOf('broken', {
        upstream: broken,
        id,
        more: { ...setup.provider, ...setup.brokenProvider },
      }),
      providerOf('sound', { upstream: sound, id, more: setup.provider }),
    ]),
  })
  const { manager } = gateway.gateway
  for (const { id } of dialects) {
    const targets = ['broken', 'sound'].map((role) => ({ model: `${role}-${id}/m` }))
    manager.routes.set({ name: `route-${id}`, strategy: 'priority', targets })
  }
  const happenings: Happening[] = []
  manager.happenings.listen((happening) => happenings.push(happening))
  let calls = 0
  return {
    gateway,
    broken,
    sound,
    happenings,
    pauses,
    ask: async (call) => {
      calls += 1
      const {
        dialect,
        model = `broken-${dialect}/m${calls}`,
        text = question(calls),
        streamed = false,
      } = call
      const place = { url: gateway.url, key: gateway.clientKey }
      const seen = await ask(place, { ...call, model, text, streamed })
      invariants.seen(seen, text)
      return seen
    },
    metrics: async () => {
      const headers = { authorization: `Bearer ${gateway.adminToken}`, connection: 'close' }
      return (await fetch(`${gateway.url}/metrics`, { headers })).text()
    },
    standings: (provider) =>
      happenings.flatMap((happening) =>
        happening.type === 'attempt-failed' && happening.target.provider === provider
          ? [manager.targets.standing(happening.target)]
          : [],
      ),
    close: async () => {
      await invariants.calm({ gateway, happenings, broken, sound })
      await gateway.close()
      await broken.close()
      await sound.close()
      await invariants.baseline()
    },
  }
}

interface Making {
  readonly upstream: FaultyUpstream
  readonly id: string
  readonly more: Partial<ProviderConfig> | undefined
}

function providerOf(role: string, { upstream, id, more }: Making): ProviderConfig {
  return {
    providerType: 'custom',
    name: `${role}-${id}`,
    baseUrl: upstream.url(id),
    apiKey: `${CANARY}-${role}`,
    models: ['m'],
    timeout: CALM,
    ...more,
    settings: { dialect: id, ...more?.settings },
  }
}
