// Tool names on the way out and back.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ChatRequest } from '../../canonical/request.ts'
import { requestArbitrary, requestWith } from './request.arbitrary.ts'
import { restoreToolNames, toolNames } from './tool-names.ts'

const pattern = /^[A-Za-z0-9_-]{1,64}$/
const pass = toolNames({ pattern, maxLength: 64 })

function withTools(...names: readonly string[]): ChatRequest {
  return requestWith({ tools: names.map((name) => ({ kind: 'function', name })) })
}

function namesIn(request: ChatRequest): readonly string[] {
  const inTools = (request.tools ?? []).flatMap((tool) =>
    tool.kind === 'native' ? [] : [tool.name],
  )
  const inParts = request.turns
    .flatMap((turn) => turn.parts)
    .flatMap((part) =>
      part.type === 'tool-call' || part.type === 'tool-result' ? [part.name ?? 'unnamed'] : [],
    )
  return [...inTools, ...inParts]
}

describe('toolNames', () => {
  it('keeps legal names', () => {
    const request = withTools('look', 'look_up-2', 'a'.repeat(64))
    expect(pass(request)).toEqual({ value: request, notes: [] })
    expect(pass(request).value).toBe(request)
  })

  it('replaces illegal characters and adds a hash of the whole name', () => {
    const { value, notes } = pass(withTools('mcp.server/look up'))
    expect(value.tools?.[0]?.name).toMatch(/^mcp_server_look_up_[0-9A-Za-z]{8}$/)
    expect(notes).toMatchObject([{ feature: 'tool_name', path: 'tools[0].name', weight: 0 }])
  })

  it('cuts long names to the limit', () => {
    expect(pass(withTools('a'.repeat(65))).value.tools?.[0]?.name).toHaveLength(64)
  })

  it('starts a name with a letter or underscore where it must change it', () => {
    expect(pass(withTools('9 lives')).value.tools?.[0]?.name).toMatch(/^_9_lives_/)
  })

  it('renames tool, choice, call and result alike', () => {
    const { value } = pass(
      requestWith({
        tools: [{ kind: 'function', name: 'look up' }],
        toolChoice: { mode: 'required', only: ['look up'] },
        turns: [
          {
            role: 'assistant',
            parts: [
              {
                type: 'tool-call',
                callId: 'c',
                kind: 'function',
                name: 'look up',
                arguments: { text: '{}' },
              },
            ],
          },
          {
            role: 'tool',
            parts: [{ type: 'tool-result', callId: 'c', name: 'look up', content: [] }],
          },
        ],
      }),
    )
    const names = new Set([...namesIn(value), ...(value.toolChoice?.only ?? [])])
    expect(names.size).toBe(1)
    expect(names).not.toContain('look up')
  })

  it('leaves the names of native tools alone', () => {
    const request = requestWith({
      tools: [{ kind: 'native', dialect: 'beta', name: 'web search', native: {} }],
      toolChoice: { mode: 'required', only: ['web search'] },
    })
    expect(pass(request).value).toBe(request)
  })

  it('does not give one tool the name of another', () => {
    const taken = pass(withTools('look up')).value.tools?.[0]?.name ?? ''
    const { value } = pass(withTools('look up', taken))
    expect(value.tools?.[1]?.name).toBe(taken)
    expect(value.tools?.[0]?.name).not.toBe(taken)
  })

  it('makes every name legal, and no two names one', () => {
    fc.assert(
      fc.property(requestArbitrary, (request) => {
        const before = namesIn(request)
        const after = namesIn(pass(request).value)
        expect(after.filter((name) => !pattern.test(name))).toEqual([])
        expect(new Set(after).size).toBe(new Set(before).size)
      }),
    )
  })

  it('keeps the way back when it runs again with narrower rules', () => {
    const first = pass(withTools('look up')).value
    const { value } = toolNames({ pattern: /^[a-z_]{1,30}$/i, maxLength: 30 })(
      requestWith({ ...first, tools: [...(first.tools ?? []), { kind: 'custom', name: 'x y' }] }),
    )
    expect(Object.values(value.renamedTools ?? {})).toEqual(
      expect.arrayContaining(['look up', 'x y']),
    )
  })
})

describe('restoreToolNames', () => {
  it('gives every renamed tool its own name back', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ unit: 'binary' }), { maxLength: 5 }), (names) => {
        const { value } = pass(withTools(...names))
        const restored = (value.tools ?? []).map(({ name }) =>
          restoreToolNames(
            { type: 'tool-call', callId: 'c', kind: 'function', name, arguments: { text: '' } },
            value.renamedTools,
          ),
        )
        expect(restored.map((part) => 'name' in part && part.name)).toEqual(names)
      }),
    )
  })

  it('leaves other parts and unknown names as they are', () => {
    const part = { type: 'text', text: 'look' } as const
    expect(restoreToolNames(part, { look: 'x' })).toBe(part)
    const call = {
      type: 'tool-call',
      callId: 'c',
      kind: 'function',
      name: 'toString',
      arguments: { text: '' },
    } as const
    expect(restoreToolNames(call, { look: 'x' })).toBe(call)
    expect(restoreToolNames(call, undefined)).toBe(call)
  })
})
