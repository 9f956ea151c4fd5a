// What is measured of each lane: a load, and what of it counts.
import { fileURLToPath } from 'node:url'
import { closedLoop } from './load/wrk.ts'
import { run } from './processes.ts'
import type { Lane } from './subject.ts'
import { type Asking, chatBody } from './words.ts'

/** What one window of load came to; the processor's time and the memory are added by whoever runs it. */
export interface Measured {
  /** What the processor's time is divided by: requests, or thousands of events. */
  readonly work: number
  readonly errors: number
  readonly perSecond?: number
  /** Microseconds. */
  readonly p50?: number
  readonly p99?: number
  readonly p999?: number
  /** Of streams: to the first byte, and from when a chunk was sent to when it came, in microseconds. */
  readonly firstByteP50?: number
  readonly firstByteP99?: number
  readonly delayP50?: number
  readonly delayP99?: number
  readonly streams?: number
}

export interface Scenario {
  readonly name: string
  readonly unit: 'request' | '1,000 events' | 'stream'
  readonly title: string
  /** Whether memory is what it is about: it is read while the load is there. */
  readonly holdsOpen?: true
  readonly measure: (lane: Lane, seconds: number) => Promise<Measured>
}

function bodyFor(
  lane: Lane,
  { model, ...asking }: Asking & { readonly model: 'm' | 'paced' | 'slow' },
): string {
  return chatBody({ model: lane.model(model), ...asking })
}

function closed(
  name: string,
  title: string,
  load: { connections: number; bytes?: number },
): Scenario {
  const { connections, bytes = 0 } = load
  return {
    name,
    title,
    unit: 'request',
    measure: async (lane, seconds) => {
      const body = bodyFor(lane, { model: 'm', bytes })
      const {
        requests,
        errors,
        seconds: took,
        ...latency
      } = await closedLoop(lane, {
        body,
        connections,
        seconds,
      })
      return { work: requests, errors, perSecond: requests / took, ...latency }
    },
  }
}

function streaming(
  name: string,
  title: string,
  load: { streams: number; model: 'm' | 'paced' | 'slow'; again: true | false },
): Scenario {
  const { streams, model, again } = load
  return {
    name,
    title,
    unit: model === 'slow' ? 'stream' : '1,000 events',
    ...(model === 'slow' ? { holdsOpen: true as const } : {}),
    measure: async (lane, seconds) => {
      const { url, headers } = lane
      const body = bodyFor(lane, { model, stream: true })
      const said = JSON.parse(
        await program('streams', { url, headers, body, streams, seconds, again }),
      )
      return {
        work: model === 'slow' ? said.everOpen : said.events / 1000,
        errors: said.errors,
        perSecond: said.events / seconds,
        streams: said.everOpen,
        firstByteP50: said.firstByte.p50,
        firstByteP99: said.firstByte.p99,
        ...(said.delay === undefined ? {} : { delayP50: said.delay.p50, delayP99: said.delay.p99 }),
      }
    },
  }
}

/** How small calls fare while large bodies come in: what holds the event loop up for one holds up all. */
function beside(name: string, title: string, bytes: number): Scenario {
  return {
    name,
    title,
    unit: 'request',
    measure: async (lane, seconds) => {
      const large = closedLoop(lane, {
        body: bodyFor(lane, { model: 'm', bytes }),
        connections: 2,
        seconds,
      })
      const small = await closedLoop(lane, {
        body: bodyFor(lane, { model: 'm' }),
        connections: 1,
        seconds,
      })
      const { requests, errors } = await large
      const { p50, p99, p999 } = small
      const work = small.requests + requests
      return { work, errors: errors + small.errors, perSecond: work / seconds, p50, p99, p999 }
    },
  }
}

function openLoop(rate: number): Scenario {
  return {
    name: `steady-${rate}`,
    title: `${rate} requests a second, open loop`,
    unit: 'request',
    measure: async (lane, seconds) => {
      const { url, headers } = lane
      const body = bodyFor(lane, { model: 'm' })
      const said = JSON.parse(await program('open-loop', { url, headers, body, rate, seconds }))
      const { requests, errors, p50, p99, p999 } = said
      return { work: requests, errors, perSecond: requests / seconds, p50, p99, p999 }
    },
  }
}

async function program(name: string, args: object): Promise<string> {
  const path = fileURLToPath(new URL(`./load/${name}.ts`, import.meta.url))
  return run('load', { program: process.execPath, args: [path, JSON.stringify(args)] })
}

export const THROUGHPUT: Scenario = closed('throughput', '32 connections, small JSON', {
  connections: 32,
})
const LATENCY: Scenario = closed('latency', 'one connection, small JSON', { connections: 1 })
const FAST_STREAMS: Scenario = streaming(
  'fast-streams',
  '8 streams of 200 chunks, as fast as it goes',
  { streams: 8, model: 'm', again: true },
)
const ONE_STREAM: Scenario = streaming('one-stream', 'one stream after the other, 200 chunks', {
  streams: 1,
  model: 'm',
  again: true,
})
const PACED_STREAMS: Scenario = streaming('paced-streams', '100 streams, a chunk each 10 ms', {
  streams: 100,
  model: 'paced',
  again: true,
})

export const QUICK: readonly Scenario[] = [
  THROUGHPUT,
  LATENCY,
  FAST_STREAMS,
  ONE_STREAM,
  PACED_STREAMS,
]
export const FULL: readonly Scenario[] = [
  ...QUICK,
  openLoop(500),
  streaming('paced-1000', '1,000 streams, a chunk each 10 ms', {
    streams: 1000,
    model: 'paced',
    again: true,
  }),
  closed('body-32k', '8 connections, 32 KB of question', { connections: 8, bytes: 32 * 1024 }),
  closed('body-400k', '8 connections, 400 KB of question', { connections: 8, bytes: 400 * 1024 }),
  closed('body-4m', '2 connections, 4 MB of question', { connections: 2, bytes: 4 * 1024 * 1024 }),
  beside('beside-4m', 'one connection, small JSON, beside two of 4 MB', 4 * 1024 * 1024),
  streaming('open-streams', '5,000 streams held open, a chunk a second', {
    streams: 5000,
    model: 'slow',
    again: false,
  }),
]
