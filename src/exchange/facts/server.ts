// The server as facts: requests, clients, its load, its configuration and its end.
import type { GatewayError } from '../../canonical/errors.ts'
import type { Priority } from '../exchange.ts'
import type { Attempt } from '../trail.ts'

/** An HTTP request has the head of its answer. */
export interface RequestAnswered {
  readonly type: 'request-answered'
  readonly id: string
  readonly method: string
  /** As the client wrote it. */
  readonly path: string
  /** As it stands in the table of routes; absent where none is there. */
  readonly route?: string | undefined
  readonly status: number
  /** Milliseconds to the head of the answer. */
  readonly elapsedMs: number
  /** The public id of the caller's key. */
  readonly caller?: string | undefined
  /** Who answered, where a provider did. */
  readonly provider?: string | undefined
  readonly model?: string | undefined
  /** What translation changed, in the form of the header `x-patchbay-notes`, but whatever the policy tells the caller. */
  readonly notes?: string | undefined
  /** Who was asked and what came of it, where a model was to be asked. */
  readonly attempts?: readonly Attempt[] | undefined
  /** The same with those that were passed over, in the form of the header `x-patchbay-trail`. */
  readonly trail?: string | undefined
  readonly error?: GatewayError | undefined
}

/** A connection was given up because its client was too slow: in the head or body of its request, or in taking its answer. */
export interface SlowClient {
  readonly type: 'slow-client'
  readonly phase: 'head' | 'body' | 'answer'
}

/** The server stops: it takes calls for a moment longer, but says that it is not ready. */
export interface DrainStarted {
  readonly type: 'drain-started'
  /** Calls under way. */
  readonly calls: number
}

/** A configuration was to take the place of the one in force. */
export interface ConfigReloaded {
  readonly type: 'config-reloaded'
  readonly result: 'applied' | 'rejected'
  /** Of the configuration in force now; 1 is that of the start. */
  readonly generation: number
  /** Why it was not applied. */
  readonly error?: GatewayError
}

/** No call is under way any more. */
export interface DrainEnded {
  readonly type: 'drain-ended'
  readonly elapsedMs: number
  /** Calls that were cut because the time was up. */
  readonly cut: number
}

/** How a second of this process was. */
export interface LoadSampled {
  readonly type: 'load-sampled'
  /** The 99th percentile of the event loop's lag. */
  readonly lagMs: number
  /** The share of the time that the event loop was busy. */
  readonly utilisation: number
  /** The share of its memory that the process uses. */
  readonly memory: number
  /** 0 to 3: what is shed. */
  readonly level: number
}

/** A call was refused because this process has more to do than it can. */
export interface Shed {
  readonly type: 'shed'
  readonly id: string
  readonly reason: 'lag' | 'memory' | 'calls'
  /** Absent where it was not yet known. */
  readonly priority?: Priority
}

/** One of several worker processes has died, and another takes its place. */
interface WorkerEnded {
  readonly type: 'worker-ended'
  /** Its place among them, from 0. */
  readonly rank: number
  /** How many were started in the place of others since the server began. */
  readonly restarts: number
}

export type ServerFact =
  | ConfigReloaded
  | DrainEnded
  | DrainStarted
  | LoadSampled
  | RequestAnswered
  | Shed
  | SlowClient
  | WorkerEnded
