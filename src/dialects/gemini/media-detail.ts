// How closely pictures are looked at: here a resolution of each, where the model takes one.
import type { Note } from '../../canonical/note.ts'
import type { Pass } from '../lowering/pass.ts'
import { omit, rewriteParts } from '../lowering/rewrite.ts'
import { unsupported } from '../lowering/unsupported.ts'
import { leftovers } from './extension.ts'
import type { GeminiFlags } from './flags.ts'

const LEVELS: ReadonlyMap<string, string> = new Map([
  ['low', 'MEDIA_RESOLUTION_LOW'],
  ['medium', 'MEDIA_RESOLUTION_MEDIUM'],
  ['high', 'MEDIA_RESOLUTION_HIGH'],
  ['original', 'MEDIA_RESOLUTION_HIGH'],
])

const withoutDetail = unsupported({ features: ['detail'] })

/** The models that think in levels are those that take a resolution with each picture. */
export function mediaDetail({ thinking }: Pick<GeminiFlags, 'thinking'>): Pass {
  if (thinking !== 'level') return withoutDetail
  return (request) => {
    const notes: Note[] = []
    const value = rewriteParts(request, (part, path) => {
      if (part.type !== 'image' || part.detail === undefined) return [part]
      const level = LEVELS.get(part.detail)
      if (level === undefined) return [part]
      notes.push({
        action: 'approximated',
        feature: 'detail',
        path: `${path}.detail`,
        weight: 1,
        reason: 'the target takes a resolution instead of a detail',
        from: part.detail,
        to: level,
      })
      const fields = { ...leftovers.fieldsOf(part), mediaResolution: { level } }
      return [
        { ...omit(part, ['detail']), ...leftovers.keptFields(fields, leftovers.shapeOf(part)) },
      ]
    })
    const rest = withoutDetail(value)
    return { value: rest.value, notes: [...notes, ...rest.notes] }
  }
}
