// What watches a gateway at work: its metrics, and who listens to its events. They hear what happens, and change nothing.
import { compact } from '../canonical/compact.ts'
import type { PatchbayConfig } from '../config/schema.ts'
import type { Happenings } from '../exchange/happenings.ts'
import type { Target } from '../exchange/target.ts'
import type { ProviderManager } from '../pipeline/library.ts'
import type { After } from './message.ts'
import { mergedText } from './metrics/merged-text.ts'
import type { Route } from './route.ts'
import { eventsRoute } from './routes/events.ts'
import { metricsRoute } from './routes/metrics.ts'
import type { Peers } from './workers/peers.ts'

export interface Watching {
  readonly routes: readonly Route[]
  /** Ends the streams of events, which would hold a stop up. */
  leave(): void
  /** Stops counting. */
  close(): void
}

interface WatchingOptions {
  readonly config: Pick<PatchbayConfig, 'metrics'>
  readonly happenings: Happenings
  /** Whether the configuration names a model. */
  readonly isNamed: (target: Target) => boolean
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly after: After
  /** Silence after which listeners are sent a sign of life, in milliseconds. */
  readonly keepAliveMs: number
  /** The other processes of this server. */
  readonly peers?: Peers
}

/** The library that counts is loaded only where something is counted. */
export async function openWatching(options: WatchingOptions): Promise<Watching> {
  const { config, happenings, isNamed, now } = options
  const { enabled = true, isPublic = false, maxModels } = config.metrics ?? {}
  const stopping = new AbortController()
  const leave = (): void => stopping.abort()
  const events = eventsRoute({ ...options, stopping: stopping.signal })
  if (!enabled) return { routes: [events], leave, close: () => undefined }
  const { openMetrics } = await import('./metrics/metrics.ts')
  const { peers } = options
  const metrics = openMetrics({ now, isNamed, ...compact({ maxModels, worker: peers }) })
  const stop = happenings.listen(metrics.hear)
  peers?.duties.on('counts', async () => metrics.text())
  const text = async (): Promise<string> =>
    peers === undefined
      ? metrics.text()
      : mergedText([await metrics.text(), ...(await peers.othersCounts())])
  const { contentType } = metrics
  return {
    routes: [metricsRoute({ contentType, text }, isPublic ? 'open' : 'admin'), events],
    leave,
    close: () => {
      stop()
      metrics.close()
    },
  }
}

/** Whether the operator has written a model's name somewhere, so that it is no client's invention. */
export function isNamedIn(
  { aliases }: Pick<PatchbayConfig, 'aliases'>,
  manager: ProviderManager,
  { provider, model }: Target,
): boolean {
  const own = manager.findProvider(provider)?.config
  if (own?.defaultModel === model || own?.models?.includes(model) === true) return true
  const name = `${provider}/${model}`
  return (
    Object.values(aliases).includes(name) ||
    manager.routes.list().some(({ targets }) => targets.some((target) => target.model === name))
  )
}
