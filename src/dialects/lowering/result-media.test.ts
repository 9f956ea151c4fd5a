// Media in tool results.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MediaPart, Part } from '../../canonical/part.ts'
import type { Turn } from '../../canonical/request.ts'
import { requestArbitrary, requestWith, text } from './request.arbitrary.ts'
import { resultMedia } from './result-media.ts'
import { splitResults } from './split-results.ts'

const image: MediaPart = { type: 'image', source: { kind: 'base64', data: 'AAAA' } }
const report: MediaPart = {
  type: 'file',
  source: { kind: 'base64', data: 'BBBB' },
  filename: 'a.pdf',
}
const imageMarker = text('[image: see the next user message]')
const reportMarker = text('[a.pdf: see the next user message]')

function result(callId: string, ...content: readonly Part[]): Part {
  return { type: 'tool-result', callId, content }
}

function turnsAfter(...turns: readonly Turn[]): readonly Turn[] {
  return resultMedia()(requestWith({ turns })).value.turns
}

function mediaIn(turns: readonly Turn[]): readonly string[] {
  return turns
    .flatMap((turn) => turn.parts)
    .flatMap((part) => ('content' in part || !('source' in part) ? [] : [JSON.stringify(part)]))
}

describe('resultMedia', () => {
  it('moves media to the user turn after the results, before what the user said', () => {
    const turns = turnsAfter(
      { role: 'tool', parts: [result('1', text('see'), image)] },
      { role: 'tool', parts: [result('2', report)] },
      { role: 'user', parts: [text('well?')] },
    )
    expect(turns).toEqual([
      { role: 'tool', parts: [result('1', text('see'), imageMarker)] },
      { role: 'tool', parts: [result('2', reportMarker)] },
      { role: 'user', parts: [image, report, text('well?')] },
    ])
  })

  it('adds a user turn after the last of the results where none follows', () => {
    const assistant: Turn = { role: 'assistant', parts: [text('ok')] }
    expect(
      turnsAfter(
        { role: 'tool', parts: [result('1', image)] },
        { role: 'tool', parts: [result('2')] },
        assistant,
        { role: 'tool', parts: [result('3', report)] },
      ),
    ).toEqual([
      { role: 'tool', parts: [result('1', imageMarker)] },
      { role: 'tool', parts: [result('2')] },
      { role: 'user', parts: [image] },
      assistant,
      { role: 'tool', parts: [result('3', reportMarker)] },
      { role: 'user', parts: [report] },
    ])
  })

  it('moves media out of results in a user turn to the place right after them', () => {
    expect(
      turnsAfter({ role: 'user', parts: [result('1', image), result('2'), text('x')] }),
    ).toEqual([{ role: 'user', parts: [result('1', imageMarker), result('2'), image, text('x')] }])
  })

  it('comes to the same before and after the results are split', () => {
    fc.assert(
      fc.property(requestArbitrary, (request) => {
        const splitLast = splitResults()(resultMedia()(request).value).value.turns
        const splitFirst = resultMedia()(splitResults()(request).value).value.turns
        expect(mediaIn(splitLast).toSorted()).toEqual(mediaIn(splitFirst).toSorted())
      }),
    )
  })

  it('notes each result it changed as a loss of quality', () => {
    const turns: readonly Turn[] = [{ role: 'tool', parts: [result('1', image, image)] }]
    expect(resultMedia()(requestWith({ turns })).notes).toMatchObject([
      { action: 'approximated', path: 'turns[0].parts[0].content', weight: 2 },
    ])
  })

  it('leaves results without media as they are', () => {
    const request = requestWith({ turns: [{ role: 'tool', parts: [result('1', text('x'))] }] })
    expect(resultMedia()(request).value).toBe(request)
  })
})
