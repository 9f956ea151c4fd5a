// Histories that were made with other models: what this wire's own models want of them.
import type { Note } from '../../canonical/note.ts'
import type { Part } from '../../canonical/part.ts'
import type { Turn } from '../../canonical/request.ts'
import { argumentsObject, wrappedNote } from '../lowering/object-arguments.ts'
import type { Pass } from '../lowering/pass.ts'
import { mediaTypeOfName } from '../lowering/media-type.ts'
import { mapSame, rewriteParts, withParts, withTurns } from '../lowering/rewrite.ts'
import { SENTINEL } from './seals.ts'

/** Thinking without a signature is of no use to the vendor's models. */
export const unsignedThinking: Pass = (request) => {
  const notes: Note[] = []
  const value = rewriteParts(request, (part, path) => {
    // An envelope with nothing in it says whose thinking it is, and no more.
    if (part.type !== 'reasoning' || (part.seal?.payload ?? '') !== '') return [part]
    notes.push({
      action: 'dropped',
      feature: 'reasoning',
      path,
      weight: 2,
      reason: 'the target takes back only thinking that it has signed',
    })
    return []
  })
  return { value, notes }
}

/** Of the calls of one message the first must be signed; the vendor has a word for one that never was. */
export const signedCalls: Pass = (request) => {
  const turns = mapSame(request.turns, (turn) => {
    const first = turn.parts.findIndex((part) => part.type === 'tool-call')
    const call = turn.parts[first]
    // The model may have signed its thinking or its text instead.
    if (call === undefined || turn.parts.some((part) => part.seal !== undefined)) return turn
    return withParts(turn, turn.parts.with(first, { ...call, seal: SENTINEL }))
  })
  return { value: withTurns(request, turns), notes: [] }
}

/** Arguments that are no JSON object travel whole under `value`. */
export const callArguments: Pass = (request) => {
  const notes: Note[] = []
  const value = rewriteParts(request, (part, path) => {
    if (part.type !== 'tool-call') return [part]
    const { exact, value: json } = argumentsObject(part)
    if (exact) return [part]
    notes.push(wrappedNote(path))
    return [{ ...part, arguments: { text: JSON.stringify(json), json } }]
  })
  return { value, notes }
}

/** A result's text is one string on this wire. */
export const oneResultText: Pass = (request) => {
  const notes: Note[] = []
  const value = rewriteParts(request, (part, path) => {
    if (part.type !== 'tool-result') return [part]
    const texts = part.content.filter((inner) => inner.type === 'text')
    const [first] = texts
    if (first === undefined || texts.length === 1) return [part]
    notes.push({
      action: 'merged',
      feature: 'text_parts',
      path: `${path}.content`,
      weight: 0,
      reason: 'a result of the target holds one text',
    })
    const text = texts.map((inner) => inner.text).join('\n')
    const content = part.content.flatMap((inner): readonly Part[] => {
      if (inner.type !== 'text') return [inner]
      return inner === first ? [{ ...first, text }] : []
    })
    return [{ ...part, content }]
  })
  return { value, notes }
}

/** The wire says what an address holds by its type alone. */
export const untypedAddresses: Pass = (request) => {
  const notes: Note[] = []
  const value = rewriteParts(request, (part, path) => {
    if (part.type !== 'image' && part.type !== 'audio' && part.type !== 'video') return [part]
    if (part.source.kind !== 'url') return [part]
    const mediaType = part.source.mediaType ?? mediaTypeOfName(part.source.url)
    if (mediaType !== undefined) return [{ ...part, source: { ...part.source, mediaType } }]
    notes.push({
      action: 'approximated',
      feature: part.type,
      path,
      weight: 1,
      reason: 'nothing tells the target what kind of file the address leads to',
    })
    return [part]
  })
  return { value, notes }
}

/** Instructions open the first message of models that have no other place for them. */
export const systemAsUser: Pass = (request) => {
  const notes: Note[] = []
  const turns = mapSame(request.turns, (turn, at): Turn => {
    if (turn.place !== 'top') return turn
    notes.push({
      action: 'approximated',
      feature: 'system',
      path: `turns[${at}]`,
      weight: 2,
      reason: 'the model has no place for instructions; they stand in the first message',
    })
    return { role: 'user', parts: turn.parts }
  })
  return { value: withTurns(request, turns), notes }
}
