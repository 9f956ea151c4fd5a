// What a request says that messages and options, which are all that a plugin gets, have no word for.
import type { Note } from '../canonical/note.ts'
import type { ChatRequest } from '../canonical/request.ts'
import { foreignFields } from '../dialects/lowering/foreign-fields.ts'
import { output } from '../dialects/lowering/output.ts'
import { runPasses } from '../dialects/lowering/pass.ts'
import { sampling } from '../dialects/lowering/sampling.ts'
import { unsupported } from '../dialects/lowering/unsupported.ts'

const PASSES = [
  // No dialect: a plugin knows none, so every field of one's own is lost.
  foreignFields({ dialect: '' }),
  sampling({
    supported: [
      'temperature',
      'topP',
      'topK',
      'seed',
      'stop',
      'presencePenalty',
      'frequencyPenalty',
    ],
  }),
  output({ json: true, jsonSchema: true }),
  // Not `store`: that a plugin would keep answers of its own accord is nothing to be assumed.
  unsupported({ features: ['caching', 'metadata', 'tier', 'region'] }),
]

/** A note for each. Parts and tools are handed on as they are. */
export function unsaid(request: ChatRequest): readonly Note[] {
  const { tools: _, toolChoice: __, ...settings } = request
  const turns = request.turns.map((turn) => ({ ...turn, parts: [] }))
  return runPasses({ ...settings, turns }, PASSES).notes
}
