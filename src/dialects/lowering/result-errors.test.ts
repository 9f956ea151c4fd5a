// Failed calls said in words.
import { describe, expect, it } from 'vitest'
import type { Part } from '../../canonical/part.ts'
import { requestWith, text } from './request.arbitrary.ts'
import { resultErrors } from './result-errors.ts'

const pass = resultErrors({ prefix: 'Error: ' })

function failed(...content: readonly Part[]): Part {
  return { type: 'tool-result', callId: 'c', content, isError: true }
}

function contentAfter(part: Part): unknown {
  return pass(requestWith({ turns: [{ role: 'tool', parts: [part] }] })).value.turns[0]?.parts[0]
}

describe('resultErrors', () => {
  it('puts the prefix before the first text and takes the flag away', () => {
    expect(contentAfter(failed(text('no such file'), text('x')))).toEqual({
      type: 'tool-result',
      callId: 'c',
      content: [text('Error: no such file'), text('x')],
    })
  })

  it('does not say it twice', () => {
    expect(contentAfter(failed(text('Error: no')))).toMatchObject({ content: [text('Error: no')] })
  })

  it('says it where there is no text', () => {
    expect(contentAfter(failed())).toMatchObject({ content: [text('Error: ')] })
    const image: Part = { type: 'image', source: { kind: 'base64', data: 'AAAA' } }
    expect(contentAfter(failed(image))).toMatchObject({ content: [text('Error: '), image] })
  })

  it('leaves a result that did not fail', () => {
    const request = requestWith({
      turns: [
        {
          role: 'tool',
          parts: [{ type: 'tool-result', callId: 'c', content: [], isError: false }],
        },
      ],
    })
    expect(pass(request).value).toBe(request)
  })

  it('notes it as an approximation', () => {
    const { notes } = pass(requestWith({ turns: [{ role: 'tool', parts: [failed()] }] }))
    expect(notes).toMatchObject([
      { action: 'approximated', path: 'turns[0].parts[0].isError', weight: 1 },
    ])
  })
})
