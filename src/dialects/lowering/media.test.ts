// Media in the forms a target can take.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Note } from '../../canonical/note.ts'
import type { MediaPart, Part } from '../../canonical/part.ts'
import { type MediaRules, media } from './media.ts'
import { requestArbitrary, requestWith, text } from './request.arbitrary.ts'
import { rewriteParts } from './rewrite.ts'

const IMAGES_ONLY: MediaRules = { image: ['base64'], audio: [], video: [], file: [] }

function after(
  part: Part,
  rules: MediaRules = IMAGES_ONLY,
): { parts: readonly Part[] | undefined; notes: readonly Note[] } {
  const request = requestWith({ turns: [{ role: 'user', parts: [part] }] })
  const { value, notes } = media(rules)(request)
  return { parts: value.turns[0]?.parts, notes }
}

function image(source: MediaPart['source']): MediaPart {
  return { type: 'image', source }
}

describe('media', () => {
  it('keeps what the target takes', () => {
    const part = image({ kind: 'base64', data: 'AAAA', mediaType: 'image/png' })
    expect(after(part)).toEqual({ parts: [part], notes: [] })
  })

  it('names the type of a base64 image that has none, where its bytes tell', () => {
    const part = image({ kind: 'base64', data: '/9j/4AAQ' })
    expect(after(part)).toEqual({
      parts: [image({ kind: 'base64', data: '/9j/4AAQ', mediaType: 'image/jpeg' })],
      notes: [],
    })
  })

  it.each([
    ['/9j/4AAQ', 'image/png', 'image/jpeg'],
    ['AAAA', 'image/jpg', 'image/jpeg'],
    ['AAAA', 'png', 'image/png'],
    ['AAAA', 'image/tiff', 'image/tiff'],
  ])('gives a picture of bytes %s declared as %s the type %s', (data, declared, mediaType) => {
    expect(after(image({ kind: 'base64', data, mediaType: declared })).parts).toEqual([
      image({ kind: 'base64', data, mediaType }),
    ])
  })

  it('reads a data URL as the data it is', () => {
    expect(after(image({ kind: 'url', url: 'data:image/png;base64,AAAA' }))).toEqual({
      parts: [image({ kind: 'base64', data: 'AAAA', mediaType: 'image/png' })],
      notes: [],
    })
  })

  it('drops an image by URL where only base64 is taken, as a loss of what the user said', () => {
    const { parts, notes } = after(image({ kind: 'url', url: 'https://a.example/b.png' }))
    expect(parts).toEqual([])
    expect(notes).toMatchObject([
      { action: 'dropped', feature: 'image', path: 'turns[0].parts[0]', weight: 3 },
    ])
  })

  it.each(['audio', 'video', 'file'] as const)('drops %s that the target does not take', (type) => {
    const { parts, notes } = after({ type, source: { kind: 'base64', data: 'AAAA' } })
    expect(parts).toEqual([])
    expect(notes).toMatchObject([{ feature: type, weight: 3 }])
  })

  it('takes a file id only from the dialect that gave it', () => {
    const rules: MediaRules = { ...IMAGES_ONLY, file: ['file'], dialect: 'beta' }
    const own: Part = { type: 'file', source: { kind: 'file', id: 'f', dialect: 'beta' } }
    const foreign: Part = { type: 'file', source: { kind: 'file', id: 'f', dialect: 'alpha' } }
    expect(after(own, rules).parts).toEqual([own])
    expect(after(foreign, rules).notes).toMatchObject([{ action: 'dropped', weight: 3 }])
  })

  it('puts the content of a text document in its place', () => {
    const plain = after({ type: 'file', source: { kind: 'text', text: 'read me' } })
    expect(plain.parts).toEqual([text('read me')])
    expect(plain.notes).toMatchObject([{ action: 'approximated', weight: 2 }])
    const parts = [text('a'), text('b')]
    expect(after({ type: 'file', source: { kind: 'parts', parts } }).parts).toEqual(parts)
  })

  it('reaches into tool results', () => {
    const url = image({ kind: 'url', url: 'https://a.example/b.png' })
    const { parts, notes } = after({ type: 'tool-result', callId: 'c', content: [url, text('x')] })
    expect(parts).toEqual([{ type: 'tool-result', callId: 'c', content: [text('x')] }])
    expect(notes).toMatchObject([{ path: 'turns[0].parts[0].content[0]' }])
  })

  it('lets through only what the rules allow, and notes each drop at weight 3', () => {
    fc.assert(
      fc.property(requestArbitrary, (request) => {
        const { value, notes } = media(IMAGES_ONLY)(request)
        const kinds = new Set<string>()
        rewriteParts(value, (part) => {
          if ('source' in part && part.type !== 'search-result') {
            kinds.add(`${part.type} ${part.source.kind}`)
          }
          return [part]
        })
        kinds.delete('image base64')
        expect([...kinds]).toEqual([])
        const drops = notes.filter((note) => note.action === 'dropped')
        expect(drops.filter((note) => note.weight < 3)).toEqual([])
      }),
    )
  })
})
