// The suite that every dialect passes, over this one's own fixtures, and where it is served.
import { describe, expect, it } from 'vitest'
import { fixturesOf } from '../../../test/fixtures.ts'
import { dialectContract } from '../dialect.contract.ts'
import { assembleChunks } from './assembled-chunks.contract.ts'
import { gemini } from './dialect.ts'

dialectContract({
  dialect: gemini,
  // Arguments in pieces are said whole again: stream.test.ts has that case.
  fixtures: fixturesOf('gemini').filter(({ name }) => name !== 'partial-arguments'),
  pathOf: () => '/v1beta/models/m:generateContent',
  assemble: assembleChunks,
  mergedKinds: { unsupported: 'invalid_request', content_policy: 'invalid_request' },
})

function paths(operation: string): readonly string[] {
  return gemini.endpoints.filter((one) => one.operation === operation).map(({ path }) => path)
}

describe('where it is served', () => {
  it('takes base addresses with either version, with the publisher, and with neither', () => {
    expect(paths('chat')).toEqual([
      '/v1beta/models/:model:generateContent',
      '/v1/models/:model:generateContent',
      '/v1beta1/publishers/google/models/:model:generateContent',
      '/models/:model:generateContent',
      // For clients that leave the collection out.
      '/v1beta/:model:generateContent',
    ])
    expect(gemini.prefix).toBe('/gemini')
  })

  it('claims the shared model list only from clients of Google', () => {
    const shared = gemini.endpoints.filter(({ claims }) => claims !== undefined)
    expect(shared.map(({ path }) => path)).toEqual([
      '/v1/models',
      '/v1/models/:model',
      '/models',
      '/models/:model',
    ])
    for (const { claims } of shared) {
      expect(claims?.({ path: '/', headers: { 'x-goog-api-key': 'k' } })).toBe(true)
      expect(
        claims?.({ path: '/', headers: { 'x-goog-api-client': 'google-genai-sdk/3.1.0' } }),
      ).toBe(true)
      expect(claims?.({ path: '/', headers: { authorization: 'Bearer k' } })).toBe(false)
    }
  })
})
