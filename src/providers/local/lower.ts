// What the embedded model can be asked, and what is changed or lost on the way there.
import type { Lowered, Note } from '../../canonical/note.ts'
import type { Part } from '../../canonical/part.ts'
import type { ChatRequest } from '../../canonical/request.ts'
import { developerAsSystem } from '../../dialects/lowering/developer-role.ts'
import { dropEmptyText } from '../../dialects/lowering/empties.ts'
import { foreignFields } from '../../dialects/lowering/foreign-fields.ts'
import { hostedCalls } from '../../dialects/lowering/hosted-calls.ts'
import { media } from '../../dialects/lowering/media.ts'
import { output } from '../../dialects/lowering/output.ts'
import { type Pass, runPasses } from '../../dialects/lowering/pass.ts'
import { omit, rewriteParts } from '../../dialects/lowering/rewrite.ts'
import { sampling } from '../../dialects/lowering/sampling.ts'
import { dropFreeTools, toolHistoryAsText } from './tool-text.ts'

const PASSES: readonly Pass[] = [
  // No dialect: its own fields are the canonical ones, and all others are foreign.
  foreignFields({ dialect: '' }),
  hostedCalls({ dialect: '' }),
  developerAsSystem(),
  media({ image: [], audio: [], video: [], file: [] }),
  toolHistoryAsText,
  dropFreeTools,
  textOnly,
  withoutReasoning,
  sampling({
    supported: [
      'temperature',
      'topP',
      'topK',
      'minP',
      'seed',
      'presencePenalty',
      'frequencyPenalty',
      'repeatPenalty',
      'stop',
    ],
  }),
  output({ json: true, jsonSchema: true }),
  dropEmptyText(),
]

/** A request of plain text turns. */
export function lowerForLocal(request: ChatRequest): Lowered<ChatRequest> {
  return runPasses(request, PASSES)
}

/** Refusals become text; thinking, search hits and other vendors' pieces go. */
function textOnly(request: ChatRequest): Lowered<ChatRequest> {
  const notes: Note[] = []
  const value = rewriteParts(request, (part, path): readonly Part[] => {
    switch (part.type) {
      case 'refusal':
        return [{ type: 'text', text: part.text }]
      case 'reasoning':
        notes.push(lost('reasoning', path, 1))
        return []
      case 'search-result':
        notes.push(lost(part.type, path, 3))
        return []
      case 'opaque':
        notes.push(lost(part.type, path, part.hosted === undefined ? 3 : 2))
        return []
      default:
        return [part]
    }
  })
  return { value, notes }
}

function withoutReasoning(request: ChatRequest): Lowered<ChatRequest> {
  if (request.reasoning === undefined) return { value: request, notes: [] }
  const { mode, effort } = request.reasoning
  const isOff = mode === 'off' || effort === 'none'
  const value = omit(request, ['reasoning'])
  return { value, notes: isOff ? [] : [lost('reasoning', 'reasoning', 1)] }
}

function lost(feature: string, path: string, weight: Note['weight']): Note {
  return { action: 'dropped', feature, path, weight, reason: 'this model has no place for this' }
}
