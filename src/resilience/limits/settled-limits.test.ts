// What was told of a limit arrives before its count is closed.
import { expect, it } from 'vitest'
import { settled } from '../../../test/server-fakes.ts'
import { MemoryLimits } from './memory-limits.ts'
import { SettledLimits } from './settled-limits.ts'

const PLACE = { kind: 'concurrency', key: 'k', limit: 1, holder: 'one', ttlMs: 60_000 } as const
const RATE = { kind: 'rate', key: 'r', limit: 10, periodMs: 60_000, cost: 5 } as const

it('counts as the store that it stands before', async () => {
  const limits = new SettledLimits(new MemoryLimits(() => 0))
  expect(await limits.take([PLACE, RATE])).toMatchObject({ granted: true })
  expect(await limits.take([{ ...PLACE, holder: 'two' }])).toMatchObject({ granted: false })
  await limits.renew([PLACE])
  await limits.release([PLACE])
  await limits.charge([{ take: RATE, amount: 5 }])
  expect(await limits.take([{ ...PLACE, holder: 'two' }])).toMatchObject({ granted: true })
  expect(await limits.take([{ ...RATE, cost: 1 }])).toMatchObject({ granted: false })
  await limits.close()
})

it('closes after the last word of its calls, also where one of them failed', async () => {
  const steps: string[] = []
  const gate = Promise.withResolvers<void>()
  const store = new MemoryLimits(() => 0)
  store.charge = async () => {
    await gate.promise
    steps.push('charged')
  }
  store.release = async () => Promise.reject(new Error('lost'))
  store.close = async () => void steps.push('closed')
  const limits = new SettledLimits(store)
  const charging = limits.charge([{ take: RATE, amount: 1 }])
  await expect(limits.release([PLACE])).rejects.toThrow('lost')
  const closing = limits.close()
  await settled()
  expect(steps).toEqual([])
  gate.resolve()
  await Promise.all([charging, closing])
  expect(steps).toEqual(['charged', 'closed'])
})
