// A request of plain text turns as one generation in the engine's terms.
import { compact } from '../../canonical/compact.ts'
import type { JsonObject } from '../../canonical/json.ts'
import type { Lowered, Note } from '../../canonical/note.ts'
import { textOf } from '../../canonical/part.ts'
import type { ChatRequest, Turn } from '../../canonical/request.ts'
import type { FunctionTool } from '../../canonical/tool.ts'
import { grammarSchema } from './grammar-schema.ts'
import { forcedTool, forcedToolPrompt } from './tool-text.ts'
import type { Job, PlainTurn } from './worker/protocol.ts'

// What the model's makers advise (model card of SmolLM2-135M-Instruct: temperature 0.2, top_p 0.9); the penalty
// keeps so small a model from saying the same thing for ever.
const DEFAULTS = { temperature: 0.2, topP: 0.9, topK: 40, minP: 0, repeatPenalty: 1.1 } as const

export interface PlannedJob {
  readonly job: Job
  /** The answer is to be this tool's call. */
  readonly tool?: FunctionTool
}

/** `maxTokens` is the longest answer of a request that names no length. */
export function planJob(request: ChatRequest, maxTokens: number): Lowered<PlannedJob> {
  const tool = forcedTool(request)
  const json = jsonOf(request, tool)
  const turns = request.turns.map((turn) => plainTurn(turn))
  const { sampling } = request
  const job: Job = {
    turns: merged(tool === undefined ? turns : [...turns, system(forcedToolPrompt(tool))]),
    temperature: sampling.temperature ?? DEFAULTS.temperature,
    topP: sampling.topP ?? DEFAULTS.topP,
    topK: sampling.topK ?? DEFAULTS.topK,
    minP: sampling.minP ?? DEFAULTS.minP,
    // A penalty would drive a grammar away from the quotes and brackets it needs.
    repeatPenalty: sampling.repeatPenalty ?? (json === undefined ? DEFAULTS.repeatPenalty : 1),
    presencePenalty: sampling.presencePenalty ?? 0,
    frequencyPenalty: sampling.frequencyPenalty ?? 0,
    stop: sampling.stop ?? [],
    maxTokens: request.maxOutputTokens ?? maxTokens,
    ...compact({ seed: sampling.seed, json: json?.value }),
  }
  return { value: compact({ job, tool }), notes: json?.notes ?? [] }
}

function jsonOf(
  request: ChatRequest,
  tool: FunctionTool | undefined,
): Lowered<true | JsonObject> | undefined {
  if (tool !== undefined) {
    const parameters = tool.parameters ?? { type: 'object', properties: {} }
    return grammarSchema(parameters, 'tools[0].parameters')
  }
  const format = request.output?.format
  const notes: readonly Note[] = []
  if (format === undefined || format.type === 'text') return undefined
  if (format.type === 'json') return { value: true, notes }
  return grammarSchema(format.schema, 'output.format.schema')
}

function system(text: string): PlainTurn {
  return { role: 'system', text }
}

function plainTurn(turn: Turn): PlainTurn {
  const text = textOf(turn.parts)
  switch (turn.role) {
    case 'system':
    case 'developer':
      return { role: 'system', text }
    case 'assistant':
      return { role: 'assistant', text }
    case 'user':
    case 'tool':
      return { role: 'user', text }
  }
}

/** System text goes to the front and neighbours of one role together: chat templates know no other order. */
function merged(turns: readonly PlainTurn[]): readonly PlainTurn[] {
  const result: PlainTurn[] = []
  const ordered = [
    ...turns.filter((turn) => turn.role === 'system'),
    ...turns.filter((turn) => turn.role !== 'system'),
  ]
  for (const turn of ordered) {
    const last = result.at(-1)
    if (last?.role === turn.role) {
      result[result.length - 1] = { role: turn.role, text: `${last.text}\n\n${turn.text}` }
    } else result.push(turn)
  }
  return result
}
