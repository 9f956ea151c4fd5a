// What a Gemini request loses with a field that nobody else takes: protection, and content that the provider keeps.
import type { NoteWeight } from '../../canonical/note.ts'
import { type Json, isArray, isObject } from '../../wire/json.ts'
import { type FieldWeights, always } from '../field-weights.ts'

const WAIVERS: ReadonlySet<Json | undefined> = new Set(['BLOCK_NONE', 'OFF'])

/** Thresholds protect, unless each of them asks for no protection at all. */
function protection(value: Json): NoteWeight {
  const waives =
    isArray(value) && value.every((one) => isObject(one) && WAIVERS.has(one['threshold']))
  return waives ? 1 : 4
}

export const fieldWeights: FieldWeights = {
  // Where it is left over it signs nothing.
  thoughtSignature: always(0),
  safetySettings: protection,
  safety_settings: protection,
  cachedContent: always(3),
  cached_content: always(3),
}
