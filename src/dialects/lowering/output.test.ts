// The form of the answer.
import { describe, expect, it } from 'vitest'
import type { Output } from '../../canonical/request.ts'
import { type OutputRules, output } from './output.ts'
import { requestWith } from './request.arbitrary.ts'

const NOTHING: OutputRules = { json: false, jsonSchema: false }
const schema = { type: 'object', properties: { a: { type: 'string' } } }

function after(
  asked: Output,
  rules: OutputRules,
): { output: Output | undefined; notes: readonly string[] } {
  const { value, notes } = output(rules)(requestWith({ output: asked }))
  return {
    output: value.output,
    notes: notes.map((note) => `${note.action} ${note.feature} ${note.weight}`),
  }
}

describe('output format', () => {
  it('keeps what the target can do', () => {
    const json: Output = { format: { type: 'json' } }
    const formatted: Output = { format: { type: 'json-schema', schema } }
    expect(after(json, { json: true, jsonSchema: false })).toEqual({ output: json, notes: [] })
    expect(after(formatted, { json: false, jsonSchema: true })).toEqual({
      output: formatted,
      notes: [],
    })
    expect(after({ format: { type: 'text' } }, NOTHING).notes).toEqual([])
  })

  it('asks for any object by schema where there is no JSON mode', () => {
    expect(after({ format: { type: 'json' } }, { json: false, jsonSchema: true })).toEqual({
      output: {
        format: { type: 'json-schema', schema: { type: 'object', additionalProperties: true } },
      },
      notes: ['approximated response_format 2'],
    })
  })

  it('asks for any JSON where there are no schemas, a loss of meaning', () => {
    expect(
      after({ format: { type: 'json-schema', schema } }, { json: true, jsonSchema: false }),
    ).toEqual({
      output: { format: { type: 'json' } },
      notes: ['approximated response_format 3'],
    })
  })

  it('drops both where there is neither', () => {
    const dropped = { output: {}, notes: ['dropped response_format 3'] }
    expect(after({ format: { type: 'json' } }, NOTHING)).toEqual(dropped)
    expect(after({ format: { type: 'json-schema', schema } }, NOTHING)).toEqual(dropped)
  })
})

describe('output wishes', () => {
  it('drops verbosity, prediction and sound where they are not supported', () => {
    expect(after({ verbosity: 'low', prediction: [], audio: { voice: 'a' } }, NOTHING)).toEqual({
      output: {},
      notes: ['dropped verbosity 2', 'dropped prediction 1', 'dropped audio 3'],
    })
  })

  it('keeps them where they are', () => {
    const asked: Output = {
      verbosity: 'low',
      prediction: [],
      modalities: ['text', 'audio'],
      audio: {},
    }
    const rules: OutputRules = {
      ...NOTHING,
      verbosity: true,
      prediction: true,
      modalities: ['audio'],
    }
    expect(after(asked, rules)).toEqual({ output: asked, notes: [] })
  })

  it('leaves text of the modalities, and notes only what was more', () => {
    expect(after({ modalities: ['text', 'audio'] }, NOTHING)).toEqual({
      output: { modalities: ['text'] },
      notes: ['dropped modalities 3'],
    })
    expect(after({ modalities: ['text'] }, NOTHING).notes).toEqual([])
  })
})
