// Titles, names and words about documents.
import { describe, expect, it } from 'vitest'
import type { MediaPart, Part } from '../../canonical/part.ts'
import { type LabelRules, documentLabels } from './document-labels.ts'
import { requestWith } from './request.arbitrary.ts'

const pdf: MediaPart = { type: 'file', source: { kind: 'base64', data: 'JVBERi0=' } }

function labelled(part: Part, rules: LabelRules) {
  const request = requestWith({ turns: [{ role: 'user', parts: [part] }] })
  const { value, notes } = documentLabels(rules)(request)
  return {
    parts: value.turns[0]?.parts,
    notes: notes.map(({ feature, weight }) => `${feature} ${weight}`),
  }
}

describe('a document', () => {
  it('has its title as its name, and the words about it before it', () => {
    const part = { ...pdf, title: 'Report', context: 'From the archive.' }
    expect(labelled(part, { names: true })).toEqual({
      parts: [
        { type: 'text', text: 'From the archive.' },
        { ...pdf, filename: 'Report' },
      ],
      notes: ['document_context 1'],
    })
  })

  it('keeps its own name', () => {
    const part = { ...pdf, title: 'Report', filename: 'a.pdf' }
    expect(labelled(part, { names: true }).parts).toEqual([{ ...pdf, filename: 'a.pdf' }])
  })

  it('loses its name where there is no place for one', () => {
    const part = { ...pdf, filename: 'a.pdf' }
    expect(labelled(part, { names: false })).toEqual({ parts: [pdf], notes: ['filename 1'] })
  })

  it('that comes by value gets a name where the target wants one', () => {
    expect(labelled(pdf, { names: true, unnamed: 'file' })).toEqual({
      parts: [{ ...pdf, filename: 'file' }],
      notes: ['filename 0'],
    })
    const linked: MediaPart = { type: 'file', source: { kind: 'url', url: 'https://a.example' } }
    expect(labelled(linked, { names: true, unnamed: 'file' })).toEqual({
      parts: [linked],
      notes: [],
    })
  })
})
