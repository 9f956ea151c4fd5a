// Tools for a model that was never taught any: past calls and results become text, one forced call becomes a JSON answer.
import type { Note } from '../../canonical/note.ts'
import type { Part } from '../../canonical/part.ts'
import type { ChatRequest } from '../../canonical/request.ts'
import type { FunctionTool, Tool } from '../../canonical/tool.ts'
import type { Pass } from '../../dialects/lowering/pass.ts'
import { mapSame, omit, withParts, withTurns } from '../../dialects/lowering/rewrite.ts'

/** The one tool that must be called; undefined when the model is free to choose, or has none. */
export function forcedTool(request: ChatRequest): FunctionTool | undefined {
  if (request.toolChoice?.mode !== 'required') return undefined
  const { only } = request.toolChoice
  const open = (request.tools ?? []).filter((tool) => only?.includes(tool.name) !== false)
  const [tool, ...others] = open
  return tool?.kind === 'function' && others.length === 0 ? tool : undefined
}

/** Takes away the tools that the model cannot be made to call. */
export const dropFreeTools: Pass = (request) => {
  const { tools, toolChoice } = request
  if (tools === undefined || tools.length === 0) return { value: request, notes: [] }
  const forced = forcedTool(request)
  if (forced !== undefined) {
    if (tools.length === 1) return { value: request, notes: [] }
    return { value: { ...request, tools: [forced] }, notes: [] }
  }
  const value = omit(request, ['tools', 'toolChoice'])
  if (toolChoice?.mode === 'none') return { value, notes: [] }
  const note: Note = {
    action: 'dropped',
    feature: 'tools',
    path: 'tools',
    weight: 3,
    reason:
      'this model does not support tools; it can only be made to call one certain function (tool choice "required" with one function)',
    from: tools.map((tool: Tool) => tool.name),
  }
  return { value, notes: [note] }
}

/** Past tool calls and their results as sentences. */
export const toolHistoryAsText: Pass = (request) => {
  const notes: Note[] = []
  const turns = mapSame(request.turns, (turn, turnAt) => {
    const parts = mapSame(turn.parts, (part, at): Part => {
      const text = spoken(part)
      if (text === undefined) return part
      notes.push({
        action: 'approximated',
        feature: 'tool_history',
        path: `turns[${turnAt}].parts[${at}]`,
        weight: 2,
        reason: 'this model reads past tool calls and results as plain text',
      })
      return { type: 'text', text }
    })
    if (turn.role === 'tool') return { ...withParts(turn, parts), role: 'user' as const }
    return withParts(turn, parts)
  })
  return { value: withTurns(request, turns), notes }
}

function spoken(part: Part): string | undefined {
  if (part.type === 'tool-call') return `[called ${part.name} with ${part.arguments.text}]`
  if (part.type !== 'tool-result') return undefined
  const said = part.content
    .map((inner) => (inner.type === 'text' ? inner.text : `[${inner.type}]`))
    .join('\n')
  const of = part.name === undefined ? '' : ` of ${part.name}`
  return `[${part.isError === true ? 'error' : 'result'}${of}: ${said}]`
}

/** What the model is told so that its JSON makes sense; the grammar sees to the form. */
export function forcedToolPrompt(tool: FunctionTool): string {
  const about = tool.description === undefined ? '' : ` ${tool.description}`
  const schema = JSON.stringify(tool.parameters ?? { type: 'object', properties: {} })
  return `Call the function "${tool.name}".${about} Answer only with the JSON object of its arguments, by this JSON Schema: ${schema}`
}
