// Settings that say nothing.
import { describe, expect, it } from 'vitest'
import { emptySettings } from './empty-settings.ts'
import { requestWith } from './request.arbitrary.ts'

describe('emptySettings', () => {
  it('takes empty lists away, and a choice among no tools', () => {
    const { value, notes } = emptySettings()(
      requestWith({
        tools: [],
        toolChoice: { mode: 'auto' },
        parallelToolCalls: false,
        sampling: { stop: [], seed: 1 },
        identity: { user: 'u', metadata: {} },
      }),
    )
    expect(value).toEqual(requestWith({ sampling: { seed: 1 }, identity: { user: 'u' } }))
    expect(notes).toEqual([])
  })

  it('says that a call cannot be forced without tools', () => {
    const { notes } = emptySettings()(requestWith({ toolChoice: { mode: 'required' } }))
    expect(notes).toMatchObject([{ feature: 'tool_choice', path: 'toolChoice', weight: 3 }])
  })

  it('leaves what says something', () => {
    const request = requestWith({
      tools: [{ kind: 'function', name: 'f' }],
      toolChoice: { mode: 'required' },
      parallelToolCalls: false,
      sampling: { stop: ['x'] },
      identity: { metadata: { a: 'b' } },
    })
    expect(emptySettings()(request).value).toBe(request)
  })
})
