// Names on tool results.
import { describe, expect, it } from 'vitest'
import type { Part } from '../../canonical/part.ts'
import type { Turn } from '../../canonical/request.ts'
import { requestWith } from './request.arbitrary.ts'
import { resultNames } from './result-names.ts'

function call(callId: string, name: string): Turn {
  const part: Part = { type: 'tool-call', callId, kind: 'function', name, arguments: { text: '' } }
  return { role: 'assistant', parts: [part] }
}

function result(callId: string, name?: string): Turn {
  const part = { type: 'tool-result', callId, content: [] } as const
  return { role: 'tool', parts: [name === undefined ? part : { ...part, name }] }
}

function namesAfter(...turns: readonly Turn[]): readonly (string | undefined)[] {
  return resultNames()(requestWith({ turns }))
    .value.turns.flatMap((turn) => turn.parts)
    .flatMap((part) => (part.type === 'tool-result' ? [part.name] : []))
}

describe('resultNames', () => {
  it('fills a missing name from the call', () => {
    expect(namesAfter(call('1', 'look'), call('2', 'find'), result('2'), result('1'))).toEqual([
      'find',
      'look',
    ])
  })

  it('keeps a name that is there', () => {
    expect(namesAfter(call('1', 'look'), result('1', 'own'))).toEqual(['own'])
  })

  it('takes the latest call before the result when an id is used again', () => {
    expect(namesAfter(call('1', 'look'), result('1'), call('1', 'find'), result('1'))).toEqual([
      'look',
      'find',
    ])
  })

  it('leaves a result without a call as it is', () => {
    expect(namesAfter(result('1'))).toEqual([undefined])
  })
})
