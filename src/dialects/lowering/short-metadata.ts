// Labels of a request, for targets that take a few short texts only.
import type { Note } from '../../canonical/note.ts'
import type { Json, JsonObject } from '../../canonical/json.ts'
import type { Pass } from './pass.ts'

export interface MetadataRules {
  readonly pairs: number
  readonly keyLength: number
  readonly valueLength: number
}

/** Values become texts; pairs that are too long or too many go. */
export function shortMetadata(rules: MetadataRules): Pass {
  return (request) => {
    const metadata = request.identity?.metadata
    if (metadata === undefined) return { value: request, notes: [] }
    const notes: Note[] = []
    const kept: [string, Json][] = []
    for (const [key, value] of Object.entries(metadata)) {
      if (value === undefined) continue
      const said = typeof value === 'string' ? value : JSON.stringify(value)
      if (!fits(key, said, rules) || kept.length === rules.pairs) {
        notes.push({ ...ABOUT, action: 'dropped', path: `identity.metadata.${key}` })
        continue
      }
      if (said !== value) {
        notes.push({ ...ABOUT, action: 'approximated', path: `identity.metadata.${key}` })
      }
      kept.push([key, said])
    }
    if (notes.length === 0) return { value: request, notes }
    const short: JsonObject = Object.fromEntries(kept)
    return { value: { ...request, identity: { ...request.identity, metadata: short } }, notes }
  }
}

function fits(key: string, value: string, rules: MetadataRules): boolean {
  return key.length <= rules.keyLength && value.length <= rules.valueLength
}

const ABOUT = {
  feature: 'metadata',
  weight: 1,
  reason: 'the target takes a few short texts as labels',
} as const
