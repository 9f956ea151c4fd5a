// The suite that every dialect passes, over this dialect's own fixtures.
import { describe, expect, it } from 'vitest'
import { fixturesOf } from '../../../test/fixtures.ts'
import { dialectContract } from '../dialect.contract.ts'
import { assembleChunks } from './assembled-chunks.contract.ts'
import { openaiChat } from './dialect.ts'

dialectContract({
  dialect: openaiChat,
  fixtures: fixturesOf('openai-chat'),
  assemble: assembleChunks,
})

describe('endpoints', () => {
  it('are served with the base path once, twice and not at all', () => {
    expect(
      openaiChat.endpoints.filter(({ operation }) => operation === 'chat').map(({ path }) => path),
    ).toEqual(['/v1/chat/completions', '/chat/completions', '/v1/v1/chat/completions'])
    expect(openaiChat.prefix).toBe('/openai')
  })
})
