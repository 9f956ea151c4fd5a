// Makes a request for vectors printable for a target: what it has no word for goes, with a note each.
import type { EmbedInput, EmbedRequest, EmbedSettings } from '../../canonical/embedding.ts'
import type { Lowered, Note, NoteWeight } from '../../canonical/note.ts'
import { type Part, textOf } from '../../canonical/part.ts'
import { equalJson } from '../../wire/json.ts'
import { withoutForeignFields } from './foreign-fields.ts'
import { mapSame, omit } from './rewrite.ts'

const SETTINGS = ['dimensions', 'task', 'title', 'truncate'] as const
type Setting = (typeof SETTINGS)[number]

export interface EmbedRules {
  /** The target's own fields stay. */
  readonly dialect: string
  /** What the target has a word for. */
  readonly takes: readonly (Setting | 'user' | 'vectorType')[]
  /** Whether it has those words for each input apart. */
  readonly perInput?: boolean
  /** What an input may be besides a text. */
  readonly inputs?: readonly ('tokens' | 'parts')[]
}

/** Vectors of another length or kind are no use to who asked; a task or a title only makes them better. */
const WEIGHTS: Readonly<Record<Setting, NoteWeight>> = {
  dimensions: 3,
  task: 2,
  title: 1,
  truncate: 1,
}

/** Idempotent, and the identity on what the target can say. */
export function lowerEmbed(request: EmbedRequest, rules: EmbedRules): Lowered<EmbedRequest> {
  const notes: Note[] = []
  const own = withoutForeignFields(request, { rules, path: '', notes })
  const inputs = mapSame(own.inputs, (input, at) =>
    plainInput(withoutForeignFields(input, { rules, path: `inputs[${at}]`, notes }), {
      rules,
      path: `inputs[${at}]`,
      notes,
    }),
  )
  const told = inputs === own.inputs ? own : { ...own, inputs }
  const gathered = rules.perInput === true ? told : withCommonSettings(told, notes)
  return { value: withoutUnsaid(gathered, rules, notes), notes }
}

interface Place {
  readonly rules: EmbedRules
  readonly path: string
  readonly notes: Note[]
}

/** As a text, where the target takes nothing else. */
function plainInput(input: EmbedInput, { rules, path, notes }: Place): EmbedInput {
  if (input.type === 'text' || rules.inputs?.includes(input.type) === true) return input
  if (input.type === 'parts' && input.parts.every((part) => isOwn(part, rules))) return input
  const { extensions, settings } = input
  const kept = {
    ...(extensions === undefined ? {} : { extensions }),
    ...(settings === undefined ? {} : { settings }),
  }
  if (input.type === 'tokens') {
    const reason = 'the target takes texts, and only the model that made the tokens can read them'
    notes.push({ action: 'dropped', feature: 'tokens', path, weight: 4, reason })
    return { ...kept, type: 'text', text: '' }
  }
  for (const [at, part] of input.parts.entries()) {
    if (part.type === 'text') continue
    const reason = 'the target turns only texts into vectors'
    notes.push({
      action: 'dropped',
      feature: part.type,
      path: `${path}.parts[${at}]`,
      weight: 3,
      reason,
    })
  }
  return { ...kept, type: 'text', text: textOf(input.parts) }
}

/** What only the target's own protocol has, on its way back there. */
function isOwn(part: Part, { dialect }: EmbedRules): boolean {
  return part.type === 'opaque' && part.origin.dialect === dialect
}

/** Settings of single inputs as those of the whole request: exactly where all agree, else as the first has them. */
function withCommonSettings(request: EmbedRequest, notes: Note[]): EmbedRequest {
  const [first] = request.inputs
  if (request.inputs.every((input) => input.settings === undefined)) return request
  const common: EmbedSettings = first?.settings ?? {}
  for (const key of SETTINGS) {
    if (request.inputs.every(({ settings }) => equalJson(settings?.[key], common[key]))) continue
    const reason = 'the target has one for all inputs'
    notes.push({ action: 'approximated', feature: key, path: key, weight: WEIGHTS[key], reason })
  }
  const inputs = request.inputs.map((input): EmbedInput => {
    const { settings: _, ...rest } = input
    return rest
  })
  return { ...request, ...common, inputs }
}

function withoutUnsaid(request: EmbedRequest, rules: EmbedRules, notes: Note[]): EmbedRequest {
  const takes = new Set<string>(rules.takes)
  const drop = (feature: string, path: string, weight: NoteWeight): void => {
    notes.push({
      action: 'dropped',
      feature,
      path,
      weight,
      reason: 'the target has no such setting',
    })
  }
  const gone = SETTINGS.filter((key) => !takes.has(key))
  for (const key of gone) if (request[key] !== undefined) drop(key, key, WEIGHTS[key])
  let value = gone.some((key) => request[key] !== undefined) ? omit(request, gone) : request
  if (value.user !== undefined && !takes.has('user')) {
    drop('user', 'user', 1)
    value = omit(value, ['user'])
  }
  if (value.vectorType !== undefined && !takes.has('vectorType')) {
    drop('vector_type', 'vectorType', value.vectorType === 'float' ? 0 : 3)
    value = omit(value, ['vectorType'])
  }
  return value
}
