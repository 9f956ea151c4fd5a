// The form of the answer: JSON, schema, verbosity, sound, prediction.
import type { Note, NoteWeight } from '../../canonical/note.ts'
import type { Output } from '../../canonical/request.ts'
import type { Pass } from './pass.ts'
import { omit } from './rewrite.ts'

/** What the target can be asked for; absent means it cannot. */
export interface OutputRules {
  readonly json: boolean
  readonly jsonSchema: boolean
  readonly verbosity?: boolean
  readonly prediction?: boolean
  /** Beside text, which every target has; with `audio` among them the audio settings stay. */
  readonly modalities?: readonly string[]
}

/** Asks for JSON in the way the target has, and drops the wishes it has no word for. */
export function output(rules: OutputRules): Pass {
  return (request) => {
    if (request.output === undefined) return { value: request, notes: [] }
    const notes: Note[] = []
    const formatted = withFormat(request.output, rules, notes)
    const value = withoutWishes(formatted, rules, notes)
    if (value === request.output) return { value: request, notes }
    return { value: { ...request, output: value }, notes }
  }
}

function withFormat(output: Output, rules: OutputRules, notes: Note[]): Output {
  const { format } = output
  const about = { feature: 'response_format', path: 'output.format' }
  if (format?.type === 'json' && !rules.json) {
    if (!rules.jsonSchema) {
      notes.push({ ...about, action: 'dropped', weight: 3, reason: 'the target has no JSON mode' })
      return omit(output, ['format'])
    }
    const reason = 'the target has no JSON mode: a schema of any object stands for it'
    notes.push({ ...about, action: 'approximated', weight: 2, reason })
    const schema = { type: 'object', additionalProperties: true }
    return { ...output, format: { ...format, type: 'json-schema', schema } }
  }
  if (format?.type === 'json-schema' && !rules.jsonSchema) {
    const reason = 'the target cannot hold an answer to a schema'
    if (!rules.json) {
      notes.push({ ...about, action: 'dropped', weight: 3, reason })
      return omit(output, ['format'])
    }
    notes.push({ ...about, action: 'approximated', weight: 3, reason: `${reason}: any JSON` })
    return { ...output, format: { type: 'json' } }
  }
  return output
}

function withoutWishes(output: Output, rules: OutputRules, notes: Note[]): Output {
  const { modalities } = output
  const unspoken = (modalities ?? []).filter(
    (modality) => modality !== 'text' && rules.modalities?.includes(modality) !== true,
  )
  const wishes: readonly Wish[] = [
    { key: 'verbosity', weight: 2, lost: rules.verbosity !== true },
    { key: 'prediction', weight: 1, lost: rules.prediction !== true },
    { key: 'audio', weight: 3, lost: rules.modalities?.includes('audio') !== true },
  ]
  const gone = wishes.filter(({ key, lost }) => lost && output[key] !== undefined)
  for (const { key, weight } of gone) notes.push(dropped(key, weight))
  const kept =
    gone.length === 0
      ? output
      : omit(
          output,
          gone.map(({ key }) => key),
        )
  if (unspoken.length === 0 || modalities === undefined) return kept
  notes.push({ ...dropped('modalities', 3), from: unspoken })
  return { ...kept, modalities: modalities.filter((modality) => !unspoken.includes(modality)) }
}

interface Wish {
  readonly key: 'verbosity' | 'prediction' | 'audio'
  readonly weight: NoteWeight
  readonly lost: boolean
}

function dropped(key: keyof Output, weight: NoteWeight): Note {
  return {
    action: 'dropped',
    feature: key,
    path: `output.${key}`,
    weight,
    reason: 'the target cannot be asked for this',
  }
}
