// A host is asked what its protocol asks, and nothing beside.
import { describe, expect, it } from 'vitest'
import { dialects } from '../dialects/registry.ts'
import { callTable } from './call-table.ts'
import { catalogRow } from './catalog.ts'

function isListed(type: string, method: string, path: string): boolean {
  const row = catalogRow(type)
  if (row === undefined) throw new Error(`no row of ${type}`)
  try {
    callTable(row.dialect, row)(method, path)
    return true
  } catch {
    return false
  }
}

describe('the calls of a host', () => {
  it.each([
    ['ollama', 'POST', '/api/chat'],
    ['ollama', 'POST', '/api/embed'],
    ['ollama', 'GET', '/api/tags'],
    ['ollama', 'GET', '/api/ps'],
    ['ollama', 'GET', '/api/version'],
    ['openai', 'POST', '/chat/completions'],
    ['openai', 'GET', '/models'],
    ['anthropic', 'POST', '/v1/messages/count_tokens'],
    ['anthropic', 'GET', '/v1/models?limit=1000'],
    ['google', 'POST', '/v1beta/models/gemini-3-pro:streamGenerateContent'],
    ['google', 'POST', '/v1beta/models/org%2Fmodel:batchEmbedContents'],
    ['google', 'POST', '/v1beta/tunedModels/mine:generateContent'],
    ['mistral', 'POST', '/chat/completions'],
  ])('of %s are among others %s %s', (type, method, path) => {
    expect(isListed(type, method, path)).toBe(true)
  })

  it.each([
    ['ollama', 'POST', '/api/pull'],
    ['ollama', 'POST', '/api/push'],
    ['ollama', 'POST', '/api/create'],
    ['ollama', 'POST', '/api/copy'],
    ['ollama', 'DELETE', '/api/delete'],
    ['ollama', 'POST', '/api/blobs/sha256:1'],
    ['ollama', 'GET', '/api/chat'],
    ['ollama', 'POST', '/api/chat/../pull'],
    ['openai', 'GET', '/organization/api_keys'],
    ['openai', 'POST', '/files'],
    ['openai', 'DELETE', '/models/x'],
    ['openai', 'GET', '/models/..'],
    ['openai', 'GET', '/models/%2e%2E'],
    ['openai', 'GET', '/models/x/y'],
    ['google', 'POST', '/v1beta/files'],
    ['google', 'POST', '/v1beta/../models/x:generateContent'],
  ])('of %s are not %s %s', (type, method, path) => {
    expect(isListed(type, method, path)).toBe(false)
  })

  it('are in no protocol those that its front refuses', () => {
    const refused = dialects.flatMap((dialect) =>
      dialect.endpoints
        .filter(({ operation }) => operation === 'unserved')
        .map(({ method, path }) => ({ dialect, method, path: path.replace(/:\w+/, 'x') })),
    )
    expect(refused.length).toBeGreaterThan(5)
    for (const { dialect, method, path } of refused) {
      expect(() => callTable(dialect, {})(method, path)).toThrow(/not asked that/)
    }
  })
})
