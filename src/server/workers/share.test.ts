// What one of several processes may use of what the whole server has.
import { expect, it } from 'vitest'
import { mergeLayers } from '../../config/merge.ts'
import { shareIn } from './share.ts'

const PLACES = { dataDir: '/d', baseDir: '/d' }
const COMPANY = { rank: 0, count: 4, leads: () => true }

it('is its part of connections, calls and calls at a target, and never nothing', () => {
  const config = mergeLayers(
    [{ overload: { process: { maxCalls: 10 } }, server: { clients: { maxPerAddress: 2 } } }],
    PLACES,
  )
  expect(shareIn(config, COMPANY)).toEqual({
    clients: { maxConnections: 5000, maxPerAddress: 1 },
    overload: { process: { maxCalls: 2 }, concurrency: { initial: 5, max: 250 } },
  })
})

it('is all of it where it is alone', () => {
  const overload = { process: { maxCalls: 10 } }
  const config = mergeLayers([{ overload }], PLACES)
  expect(shareIn(config, undefined)).toEqual({ overload })
})
