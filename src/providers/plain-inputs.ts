// The inputs of an embedding as plain texts, for providers that know no more.
import { compact } from '../canonical/compact.ts'
import { type EmbedRequest, textInputs } from '../canonical/embedding.ts'
import type { Note } from '../canonical/note.ts'
import { lowerEmbed } from '../dialects/lowering/embed.ts'
import type { EmbedOptions } from './embed-answer.ts'

interface PlainInputs {
  readonly texts: readonly string[]
  readonly options: EmbedOptions
  readonly notes: readonly Note[]
}

const ALL = ['dimensions', 'task', 'title', 'truncate', 'user'] as const

/** `takes` names the settings that the provider can heed. */
export function plainInputs(
  request: EmbedRequest,
  takes: readonly (typeof ALL)[number][] = ALL,
): PlainInputs {
  const { value, notes } = lowerEmbed(request, { dialect: '', takes })
  const { dimensions, task, title, truncate, user } = value
  return {
    texts: textInputs(value),
    options: compact({ dimensions, task, title, truncate, user }),
    notes,
  }
}
