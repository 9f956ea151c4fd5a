// Very many streams at once, with the gateway, its provider and its clients in processes of their own; `load/streams.load.ts` holds more of them, for longer.
import { afterEach, expect, it } from 'vitest'
import { GatewayProcess } from './load/gateway-process.ts'
import { StreamCrowd } from './load/stream-crowd.ts'

const STREAMS = 1000
const PACE_MS = 1000
const FRAMES = 5
/** Files of the server that belong to no stream. */
const BESIDES = 60

let gateway: GatewayProcess | undefined

afterEach(async () => {
  await gateway?.close()
})

it('F152 a thousand streams at once: no frame is lost or comes twice, none of them stands still, and nothing is left of them', async () => {
  gateway = await GatewayProcess.open({
    mode: 'streams',
    paceMs: PACE_MS,
    config: [`overload: { max_calls: ${2 * STREAMS}, reserve: 0 }`],
  })
  // One socket to its client and one to its provider.
  gateway.mayOpen(2 * STREAMS + BESIDES)
  const before = await gateway.metric('process_open_fds')
  const crowd = new StreamCrowd(gateway.port)
  await crowd.gather(STREAMS)
  crowd.window()
  await crowd.heard(FRAMES)
  const { silence } = crowd.window()
  expect(await gateway.metric('patchbay_streams_active')).toBe(STREAMS)
  gateway.finish()
  await crowd.ended()
  const sums = crowd.sums()
  expect(sums).toEqual({ frames: sums.frames, lost: 0, repeated: 0, whole: STREAMS, short: 0 })
  expect(silence).toBeLessThan(10 * PACE_MS)
  expect(crowd.open).toBe(0)
  const open = async (): Promise<number> => (await gateway?.metric('process_open_fds')) ?? Infinity
  // Connections to the provider are kept for some seconds. The test's own time ends a wait in vain.
  while ((await open()) > before) await new Promise((resolve) => setTimeout(resolve, 200))
  expect(await gateway.metric('patchbay_streams_active')).toBe(0)
}, 180_000)
