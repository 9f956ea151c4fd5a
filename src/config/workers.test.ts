// How many processes answer, wherever that is said.
import { expect, it } from 'vitest'
import { environmentLayer } from './environment.ts'

it('is a number or auto, also in the environment', () => {
  expect(environmentLayer({ PATCHBAY_WORKERS: '4' }).server).toEqual({ workers: 4 })
  expect(environmentLayer({ PATCHBAY_WORKERS: 'auto' }).server).toEqual({ workers: 'auto' })
  for (const wrong of ['0', '1.5', 'many', '257']) {
    expect(() => environmentLayer({ PATCHBAY_WORKERS: wrong })).toThrow(/PATCHBAY_WORKERS/)
  }
})
