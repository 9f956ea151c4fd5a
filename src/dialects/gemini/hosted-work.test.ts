// Work of tools: what parts and metadata tell of it, and what others' work looks like here.
import { describe, expect, it } from 'vitest'
import { emptyRequest } from '../dialect.contract.ts'
import { gemini } from './dialect.ts'
import { groundedWork } from './grounded-work.ts'
import { workOf } from './hosted-work.ts'

const CONTEXT = { request: emptyRequest('gemini'), profile: { provider: 'p', flags: {} } }

function partsOf(candidate: object) {
  const body = JSON.parse(JSON.stringify({ candidates: [candidate] }))
  const wire = { status: 200, headers: {}, body }
  return gemini.response.decode(wire, CONTEXT).candidates[0]?.parts ?? []
}

describe('work of the vendor’s tools', () => {
  it('is read from parts, in either spelling', () => {
    expect(workOf('executableCode', { executable_code: { code: '1' } })).toEqual({
      tool: 'code-execution',
      phase: 'call',
      code: '1',
    })
    expect(
      workOf('codeExecutionResult', {
        codeExecutionResult: { outcome: 'OUTCOME_DEADLINE_EXCEEDED', output: 'x' },
      }),
    ).toMatchObject({ failed: 'OUTCOME_DEADLINE_EXCEEDED', output: 'x' })
    expect(workOf('toolCall', { toolCall: { toolType: 'FILE_SEARCH' } })?.tool).toBe('other')
    expect(workOf('text', { text: 'x' })).toBeUndefined()
  })

  const grounding = {
    groundingMetadata: {
      webSearchQueries: ['rain'],
      groundingChunks: [{ web: { uri: 'https://a.example', title: 'A' } }, { image: {} }],
    },
    urlContextMetadata: { urlMetadata: [{ retrievedUrl: 'https://b.example' }, 7] },
  }

  it('is read from what stands beside the parts', () => {
    expect(groundedWork([], grounding).map(({ hosted }) => hosted)).toEqual([
      {
        tool: 'web-fetch',
        phase: 'both',
        url: 'https://b.example',
        sources: [{ url: 'https://b.example' }],
      },
      {
        tool: 'web-search',
        phase: 'both',
        queries: ['rain'],
        sources: [{ url: 'https://a.example', title: 'A' }],
      },
    ])
    expect(groundedWork([], { groundingMetadata: 'x', urlContextMetadata: [] })).toEqual([])
  })

  it('is not told twice', () => {
    const call = {
      toolCall: { id: '1', toolType: 'GOOGLE_SEARCH_WEB', args: { queries: ['rain'] } },
    }
    const parts = partsOf({ content: { parts: [call, { text: 'x' }] }, ...grounding })
    expect(parts.map((part) => part.type)).toEqual(['opaque', 'text'])
  })

  it('is no part of the wire where it only stood beside them', () => {
    const candidate = { content: { role: 'model', parts: [{ text: 'x' }] }, ...grounding }
    const body = JSON.parse(JSON.stringify({ candidates: [candidate] }))
    const decoded = gemini.response.decode({ status: 200, headers: {}, body }, CONTEXT)
    const { value } = gemini.response.encode(decoded, { ...CONTEXT, requestId: 'r', now: () => 0 })
    expect(JSON.parse(JSON.stringify(value.body))).toEqual(body)
  })
})
