// What is made for a target is made once, and for that target only.
import { expect, it } from 'vitest'
import { perProfile } from './per-profile.ts'

it('is made once for a profile, and anew for another of the same words', () => {
  let count = 0
  const numbered = perProfile(() => {
    count += 1
    return count
  })
  const profile = { provider: 'a', flags: {} }
  expect([numbered(profile), numbered(profile), numbered({ ...profile })]).toEqual([1, 1, 2])
})

it('is remembered where it is nothing', () => {
  let count = 0
  const nothing = perProfile(() => {
    count += 1
    return undefined
  })
  const profile = { provider: 'a', flags: {} }
  expect([nothing(profile), nothing(profile), count]).toEqual([undefined, undefined, 1])
})
