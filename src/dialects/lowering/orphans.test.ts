// Calls without results and results without calls: each finds a partner, or becomes text.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Part, ToolCallPart, ToolResultPart } from '../../canonical/part.ts'
import type { ChatRequest, Turn } from '../../canonical/request.ts'
import { orphanCalls, orphanResults } from './orphans.ts'
import { type Pass, runPasses } from './pass.ts'
import { requestArbitrary, requestWith, text } from './request.arbitrary.ts'
import { splitResults } from './split-results.ts'

const paired: Pass = (request) =>
  runPasses(request, [splitResults(), orphanResults(), orphanCalls()])

function call(callId: string): ToolCallPart {
  return { type: 'tool-call', callId, kind: 'function', name: 'look', arguments: { text: '{}' } }
}

function result(callId: string, ...content: readonly Part[]): ToolResultPart {
  return { type: 'tool-result', callId, content }
}

function asks(...ids: readonly string[]): Turn {
  return { role: 'assistant', parts: ids.map((id) => call(id)) }
}

function answers(id: string): Turn {
  return { role: 'tool', parts: [result(id, text(`of ${id}`))] }
}

function says(words: string): Turn {
  return { role: 'user', parts: [text(words)] }
}

function outline(request: ChatRequest): readonly string[] {
  return request.turns.map(
    (turn) =>
      `${turn.role}: ${turn.parts
        .map((part) =>
          part.type === 'tool-call' || part.type === 'tool-result' ? part.callId : textIn(part),
        )
        .join(' ')}`,
  )
}

function textIn(part: Part): string {
  return part.type === 'text' ? part.text : part.type
}

describe('orphanResults and several results for one call', () => {
  it('takes the last, and tells the others as text', () => {
    const first: Turn = { role: 'tool', parts: [result('a', text('interrupted'))] }
    const { value } = orphanResults()(requestWith({ turns: [asks('a'), first, answers('a')] }))
    expect(value.turns[1]).toEqual(answers('a'))
    expect(outline(value)[2]).toContain('interrupted')
  })
})

describe('orphanCalls', () => {
  it('gives a call without a result one that says so, behind the results there are', () => {
    const request = requestWith({ turns: [asks('a', 'b'), answers('b'), says('go on')] })
    const { value, notes } = orphanCalls()(request)
    expect(outline(value)).toEqual(['assistant: a b', 'tool: b', 'tool: a', 'user: go on'])
    expect(value.turns[2]?.parts).toEqual([
      {
        type: 'tool-result',
        callId: 'a',
        content: [text('No result was given.')],
        isError: true,
      },
    ])
    expect(notes).toMatchObject([{ action: 'synthesized', feature: 'tool_result', from: 'a' }])
  })

  it('answers calls at the very end, and calls that nobody answered before the next were made', () => {
    const request = requestWith({ turns: [asks('a'), says('wait'), asks('b')] })
    expect(outline(orphanCalls()(request).value)).toEqual([
      'assistant: a',
      'tool: a',
      'user: wait',
      'assistant: b',
      'tool: b',
    ])
  })

  it('counts assistant turns in a row as one', () => {
    const request = requestWith({ turns: [asks('a'), asks('b'), answers('a'), answers('b')] })
    expect(orphanCalls()(request).value).toBe(request)
  })

  it('answers an id that was used twice once', () => {
    const request = requestWith({ turns: [asks('a', 'a')] })
    expect(outline(orphanCalls()(request).value)).toEqual(['assistant: a a', 'tool: a'])
  })
})

describe('orphanResults', () => {
  it('makes text of a result without a call, with what it held', () => {
    const image: Part = { type: 'image', source: { kind: 'base64', data: 'AAAA' } }
    const lost: Turn = {
      role: 'tool',
      parts: [{ ...result('x', text('found'), image), name: 'look' }],
    }
    const { value, notes } = orphanResults()(requestWith({ turns: [says('hello'), lost] }))
    expect(value.turns[1]).toEqual({
      role: 'user',
      parts: [
        text('Result of a tool call that is not in this conversation (look):'),
        text('found'),
        image,
      ],
    })
    expect(notes).toMatchObject([
      { action: 'approximated', feature: 'tool_result', path: 'turns[1].parts[0]', weight: 2 },
    ])
  })

  it('takes the second result of a call, and one that comes too late, for lost', () => {
    const turns = [asks('a'), answers('a'), answers('a'), asks('b'), answers('a'), answers('b')]
    expect(outline(orphanResults()(requestWith({ turns })).value)).toEqual([
      'assistant: a',
      'tool: a',
      'user: Result of a tool call that is not in this conversation (a): of a',
      'assistant: b',
      'tool: b',
      'user: Result of a tool call that is not in this conversation (a): of a',
    ])
  })

  it('puts results right behind their calls when the user spoke first', () => {
    const turns = [asks('a', 'b'), answers('a'), says('hurry'), answers('b')]
    const { value, notes } = orphanResults()(requestWith({ turns }))
    expect(outline(value)).toEqual(['assistant: a b', 'tool: a', 'tool: b', 'user: hurry'])
    expect(notes).toEqual([])
  })

  it('replaces a lost result inside a user turn where it stands', () => {
    const turn: Turn = { role: 'user', parts: [result('x', text('found')), text('and now?')] }
    expect(outline(orphanResults()(requestWith({ turns: [turn] })).value)).toEqual([
      'user: Result of a tool call that is not in this conversation (x): found and now?',
    ])
  })
})

describe('both', () => {
  it('leave a history in which calls and results stand together', () => {
    const request = requestWith({
      turns: [says('hello'), asks('a', 'b'), answers('b'), answers('a'), says('thanks')],
    })
    expect(paired(request)).toEqual({ value: request, notes: [] })
  })

  it('leave each call answered once, right behind it, and each result behind its call', () => {
    fc.assert(
      fc.property(requestArbitrary, (request) => {
        const { turns } = paired(request).value
        const open = new Set<string>()
        for (const [at, turn] of turns.entries()) {
          const goesOn = turn.role === 'assistant' && turns[at - 1]?.role === 'assistant'
          if (turn.role !== 'tool' && !goesOn) expect(open.size).toBe(0)
          for (const part of turn.parts) {
            if (turn.role === 'assistant' && part.type === 'tool-call') open.add(part.callId)
            if (turn.role !== 'assistant' && part.type === 'tool-result') {
              expect(open.delete(part.callId)).toBe(true)
            }
          }
        }
        expect(open.size).toBe(0)
      }),
      { numRuns: 500 },
    )
  })

  it('change nothing the second time', () => {
    fc.assert(
      fc.property(requestArbitrary, (request) => {
        const once = paired(request).value
        expect(paired(once)).toEqual({ value: once, notes: [] })
      }),
      { numRuns: 500 },
    )
  })
})
