// What is known of a model is worked out once, and again when its host has told more.
import { expect, it } from 'vitest'
import { openaiChat } from '../dialects/openai-chat/dialect.ts'
import type { Protocol } from './catalog-row.ts'
import { ModelProfiles } from './model-profiles.ts'

const PROTOCOL: Protocol = {
  dialect: openaiChat,
  flags: { one: 1, two: 1 },
  families: [
    { pattern: /^odd/, flags: { two: 2, three: 2 } },
    { pattern: /-stream$/, wholeByStream: true },
  ],
}

function profiles(): ModelProfiles {
  return new ModelProfiles({
    name: 'host',
    wholeByStream: false,
    passThrough: undefined,
    flags: { three: 3 },
  })
}

it('joins the flags of protocol, families and config, the later ones first', () => {
  expect(profiles().of(PROTOCOL, 'odd')).toEqual({
    profile: { provider: 'host', model: 'odd', flags: { one: 1, two: 2, three: 3 } },
    wholeByStream: false,
    passThrough: true,
  })
  expect(profiles().of(PROTOCOL, 'even-stream').wholeByStream).toBe(true)
})

it('gives the same each time, until a refusal tells more', () => {
  const known = profiles()
  const first = known.of(PROTOCOL, 'odd')
  expect(known.of(PROTOCOL, 'odd')).toBe(first)
  known.learn(PROTOCOL, 'odd', { two: 4, three: 4 })
  expect(known.of(PROTOCOL, 'odd').profile.flags).toEqual({ one: 1, two: 4, three: 3 })
  expect(known.of(PROTOCOL, 'even').profile.flags).toEqual({ one: 1, two: 1, three: 3 })
})

it('forgets models when clients name ever more of them', () => {
  const known = profiles()
  const first = known.of(PROTOCOL, 'odd')
  for (let count = 0; count < 1000; count += 1) known.of(PROTOCOL, `m${count}`)
  expect(known.of(PROTOCOL, 'odd')).not.toBe(first)
  expect(known.of(PROTOCOL, 'odd')).toEqual(first)
})
