// A gateway with six replaying upstreams behind it, one of each protocol.
import type { ResilienceOptions } from '../../src/resilience/resilience-options.ts'
import { type OpenGateway, openGateway } from '../open-gateway.ts'
import { type Replay, openReplay } from '../replay/replay.ts'
import { vendors } from '../replay/vendors/all.ts'

export interface ReplayedGateway {
  readonly opened: OpenGateway
  /** By the dialect of the upstream. */
  readonly replays: ReadonlyMap<string, Replay>
  close(): Promise<void>
}

/** Each test plays its own failure: none is remembered for the next. */
const FORGIVING: ResilienceOptions = {
  breaker: { consecutive: 1_000_000, samples: 1_000_000, maxCoolingMs: 0 },
  credentials: { authMs: 0, billingMs: 0, permissionMs: 0, quotaMs: 0 },
}

export async function replayedGateway(): Promise<ReplayedGateway> {
  const replays = await Promise.all(vendors.map((vendor) => openReplay(vendor)))
  const opened = await openGateway({
    providers: replays.map(({ vendor, upstream }) => vendor.provider(upstream.url)),
    config: { resilience: FORGIVING, overload: { throttle: false } },
  })
  return {
    opened,
    replays: new Map(replays.map((replay) => [replay.vendor.id, replay])),
    close: async () => {
      await opened.close()
      for (const { upstream } of replays) await upstream.close()
    },
  }
}
