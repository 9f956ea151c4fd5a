// Very many streams at once, a frame a second each: every frame arrives once and in time, and nothing is left of them afterwards.
import { afterEach, expect, it } from 'vitest'
import { GatewayProcess } from './gateway-process.ts'
import { StreamCrowd, type Window } from './stream-crowd.ts'
import { table } from './table.ts'

// What two busy cores hold with ease; the catalogue asks for 10,000.
const STREAMS = Number(process.env['PATCHBAY_LOAD_STREAMS'] ?? 2000)
const PACE_MS = 1000
const WINDOW_MS = 10_000
const WINDOWS = 6
/** Files of the server that belong to no stream. */
const BESIDES = 60

let gateway: GatewayProcess | undefined

afterEach(async () => {
  await gateway?.close()
})

interface Measured extends Window {
  readonly memory: number
  /** Used by objects, in MiB. */
  readonly heap: number
  readonly active: number
}

it(`${STREAMS} streams at once (F152), held for a minute: no frame is lost or comes twice, and none of them stands still`, async () => {
  gateway = await GatewayProcess.open({
    mode: 'streams',
    paceMs: PACE_MS,
    config: [`overload: { max_calls: ${2 * STREAMS}, reserve: 0 }`],
  })
  // One socket to its client and one to its provider.
  gateway.mayOpen(2 * STREAMS + BESIDES)
  const { port } = gateway
  const before = await gateway.metric('process_open_fds')
  const crowd = new StreamCrowd(port)
  const startedAt = performance.now()
  await crowd.gather(STREAMS)
  const gatheredMs = performance.now() - startedAt
  const coming = crowd.window()
  const cpu = await gateway.metric('process_cpu_seconds_total')
  const windows: Measured[] = []
  for (let at = 0; at < WINDOWS; at += 1) {
    await new Promise((resolve) => setTimeout(resolve, WINDOW_MS))
    const metrics = await gateway.metrics()
    windows.push({
      ...crowd.window(),
      memory: gateway.residentMemory(),
      heap: (metrics.get('patchbay_heap_used_bytes') ?? 0) / 1024 ** 2,
      active: metrics.get('patchbay_streams_active') ?? 0,
    })
  }
  const busy = ((await gateway.metric('process_cpu_seconds_total')) - cpu) * 1000
  gateway.finish()
  await crowd.ended()
  const sums = crowd.sums()
  const of = (key: (window: Measured) => number): readonly number[] => windows.map(key)
  console.log(
    table(
      `Streams: ${STREAMS} streams, a frame each ${PACE_MS} ms, held for ${(WINDOWS * WINDOW_MS) / 1000} s in windows of ${WINDOW_MS / 1000} s`,
      {
        'frames a window': of(({ frames }) => frames),
        'longest silence of a stream, ms': of(({ silence }) => silence),
        'resident memory of the server, MiB': of(({ memory }) => memory),
        patchbay_streams_active: of(({ active }) => active),
        'of a core, busy, in %': [(100 * busy) / (WINDOWS * WINDOW_MS)],
        'seconds until all were there': [gatheredMs / 1000],
        'longest silence while they came, ms': [coming.silence],
        'refused while they came, and asked again': [crowd.refused],
        'frames in all': [sums.frames],
        lost: [sums.lost],
        repeated: [sums.repeated],
      },
    ),
  )
  expect(sums).toEqual({ frames: sums.frames, lost: 0, repeated: 0, whole: STREAMS, short: 0 })
  // Each window has its frames: none of them came all at once at the end.
  for (const { frames } of windows) expect(frames).toBeGreaterThan(0.9 * STREAMS * 10)
  for (const { silence } of [coming, ...windows]) expect(silence).toBeLessThan(10 * PACE_MS)
  expect(windows.map(({ active }) => active)).toEqual(windows.map(() => STREAMS))
  expect(crowd.open).toBe(0)
  const open = async (): Promise<number> => (await gateway?.metric('process_open_fds')) ?? Infinity
  // Connections to the provider are kept for some seconds. The test's own time ends a wait in vain.
  while ((await open()) > before) await new Promise((resolve) => setTimeout(resolve, 500))
  expect(await gateway.metric('patchbay_streams_active')).toBe(0)
})
