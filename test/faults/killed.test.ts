// A gateway that is killed with streams open: what it held in a shared Redis is free once its holders have been silent for long enough.
import { createClient } from '@redis/client'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { PLACE_TTL_MS } from '../../src/resilience/limits/lease.ts'
import { ObjectReader } from '../../src/wire/json.ts'
import { openUpstream } from '../fake-upstream.ts'
import { RawClient } from '../raw-client.ts'
import { redisServer } from '../real/redis-server.ts'
import { start } from '../run-patchbay.ts'
import { requestIn } from './asks.ts'
import { HALF } from './half-answer.ts'

const { value: redis, reason } = await redisServer()
const STREAMS = 20

describe.skipIf(redis === undefined)(
  `F124 kill -9${reason === undefined ? '' : `: ${reason}`}`,
  () => {
    afterAll(async () => {
      await redis?.close()
    })

    it('with open streams leaves no place that outlives its lease', async () => {
      const cwd = await mkdtemp(join(tmpdir(), 'patchbay-killed-'))
      const upstream = await openUpstream()
      upstream.answer(() => HALF)
      await writeFile(
        join(cwd, 'patchbay.yaml'),
        [
          `providers: [{ name: house, type: custom, base_url: "${upstream.url}/v1", models: [m], settings: { local: true } }]`,
          `limits: { rules: [{ scope: all, concurrency: ${STREAMS} }] }`,
          `redis: { url: "${redis?.url}", timeout_ms: 2000 }`,
        ].join('\n'),
      )
      const argv = ['serve', '--port', '0', '--no-detect', '--no-fetch', '--json', '--log', 'off']
      const server = start(argv, { cwd, env: { PATCHBAY_HOME: join(cwd, 'data') } })
      const banner = ObjectReader.of(JSON.parse(await server.printed('stdout', /\n/)), '')
      const url = banner.string('url')
      const clients = Array.from({ length: STREAMS }, () =>
        RawClient.at(url).send(requestIn('openai-chat', { model: 'house/m', shape: 'stream' })),
      )
      await Promise.all(clients.map((client) => client.until(/half/)))
      const client = createClient(redis === undefined ? {} : { url: redis.url })
      await client.connect()
      const key = (await client.keys('*')).find((name) => name.includes('concurrency')) ?? ''
      expect(await client.zCard(key)).toBe(STREAMS)

      server.signal('SIGKILL')
      await server.ended
      await Promise.all(clients.map(({ closed }) => closed))
      const until = (await client.zRangeWithScores(key, 0, -1)).map(({ score }) => score)
      expect(until).toHaveLength(STREAMS)
      // Nobody renews them: each dies by itself, and then the key.
      expect(Math.max(...until) - Date.now()).toBeLessThanOrEqual(PLACE_TTL_MS)
      const left = await client.pTTL(key)
      expect(left).toBeGreaterThan(0)
      expect(left).toBeLessThanOrEqual(PLACE_TTL_MS + 1000)
      client.destroy()
      await upstream.close()
      await rm(cwd, { recursive: true })
    })
  },
)
