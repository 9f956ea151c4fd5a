// The suite that every dialect passes, over this dialect's own fixtures.
import { describe, expect, it } from 'vitest'
import { fixturesOf } from '../../../test/fixtures.ts'
import { dialectContract } from '../dialect.contract.ts'
import { assembleResponse } from './assembled-response.contract.ts'
import { openaiResponses } from './dialect.ts'

dialectContract({
  dialect: openaiResponses,
  fixtures: fixturesOf('openai-responses'),
  assemble: assembleResponse,
})

describe('endpoints', () => {
  it('are served with the base path once, twice and not at all', () => {
    expect(openaiResponses.endpoints.map(({ path }) => path)).toEqual([
      '/v1/responses',
      '/responses',
      '/v1/v1/responses',
      '/v1/responses/input_tokens',
      '/responses/input_tokens',
      '/v1/v1/responses/input_tokens',
    ])
    expect(openaiResponses.prefix).toBe('/openai')
  })

  it('leave the model list to the dialect that owns it', () => {
    const operations = new Set(openaiResponses.endpoints.map(({ operation }) => operation))
    expect([...operations]).toEqual(['chat', 'count-tokens'])
  })
})
