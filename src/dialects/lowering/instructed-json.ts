// JSON without a mode for it: an instruction asks for what the target cannot be held to.
import type { Note } from '../../canonical/note.ts'
import type { ChatRequest, OutputFormat, Turn } from '../../canonical/request.ts'
import type { Pass } from './pass.ts'
import { omit } from './rewrite.ts'

export interface InstructedJsonRules {
  /** Which forms of answer the target cannot be asked for in this request. */
  readonly formats: (request: ChatRequest) => readonly OutputFormat['type'][]
  readonly reason: string
}

/** Says the form in an instruction before the conversation; `instructedJson` records it, for the answer. */
export function instructedJson(rules: InstructedJsonRules): Pass {
  return (request) => {
    const format = request.output?.format
    if (format === undefined || format.type === 'text') return { value: request, notes: [] }
    if (!rules.formats(request).includes(format.type)) return { value: request, notes: [] }
    const note: Note = {
      action: 'approximated',
      feature: 'response_format',
      path: 'output.format',
      weight: 2,
      reason: rules.reason,
    }
    const first = request.turns.findIndex((turn) => turn.place !== 'top')
    const at = first === -1 ? request.turns.length : first
    const turns = request.turns.toSpliced(at, 0, instruction(format))
    const output = omit(request.output ?? {}, ['format'])
    return { value: { ...request, turns, output, instructedJson: true }, notes: [note] }
  }
}

function instruction(format: OutputFormat): Turn {
  const only = 'Answer with one JSON object and nothing else.'
  const text =
    format.type === 'json-schema'
      ? `${only} It must follow this JSON Schema:\n${JSON.stringify(format.schema)}`
      : only
  return { role: 'system', place: 'top', parts: [{ type: 'text', text }] }
}
