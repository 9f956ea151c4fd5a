// The suite that every dialect passes, over this dialect's own fixtures.
import { describe, expect, it } from 'vitest'
import { fixturesOf } from '../../../test/fixtures.ts'
import { dialectContract } from '../dialect.contract.ts'
import { assembleChunks } from './assembled-chunks.contract.ts'
import { mistralChat } from './dialect.ts'

dialectContract({
  dialect: mistralChat,
  fixtures: fixturesOf('mistral-chat'),
  assemble: assembleChunks,
})

describe('endpoints', () => {
  it('are the paths of the SDK, and claim nothing where Chat Completions is at home', () => {
    expect(mistralChat.endpoints.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /v1/chat/completions',
      'POST /v1/embeddings',
      'GET /v1/models',
      'GET /v1/models/:model',
    ])
    const hint = { path: '/', headers: {}, body: { safe_prompt: true, random_seed: 1 } }
    expect(mistralChat.endpoints.map(({ claims }) => claims?.(hint))).toEqual([
      false,
      false,
      false,
      false,
    ])
    expect(mistralChat.prefix).toBe('/mistral')
  })
})
