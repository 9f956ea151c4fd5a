// Tools that take free text, for targets that know functions only.
import type { Note } from '../../canonical/note.ts'
import type { Part } from '../../canonical/part.ts'
import type { CustomTool, FunctionTool } from '../../canonical/tool.ts'
import { isObject } from '../../wire/json.ts'
import type { Pass } from './pass.ts'
import { mapSame, omit, rewriteParts } from './rewrite.ts'

const ARGUMENT = 'input'

/** Custom tools become functions of one string `input`, calls in the history too; `wrappedTools` records which. Run before toolNames. */
export function customTools(): Pass {
  return (request) => {
    const notes: Note[] = []
    const value = rewriteParts(request, (part) => [wrapped(part)])
    const names = (request.tools ?? []).filter((tool) => tool.kind === 'custom')
    if (request.tools === undefined || names.length === 0) return { value, notes }
    const tools = mapSame(request.tools, (tool, at) => {
      if (tool.kind !== 'custom') return tool
      notes.push(noteOf(tool, at))
      return asFunction(tool)
    })
    const known = request.wrappedTools ?? []
    const wrappedTools = [...new Set([...known, ...names.map((tool) => tool.name)])]
    return { value: { ...value, tools, wrappedTools }, notes }
  }
}

/** A finished call in the answer as the custom call the client knows; give it the client's own tool name first. */
export function restoreCustomCall(part: Part, wrappedTools: readonly string[] | undefined): Part {
  if (part.type !== 'tool-call' || wrappedTools?.includes(part.name) !== true) return part
  const { json } = part.arguments
  const input = isObject(json) ? json[ARGUMENT] : undefined
  const text = typeof input === 'string' ? input : part.arguments.text
  return { ...part, kind: 'custom', arguments: { text } }
}

function wrapped(part: Part): Part {
  if (part.type !== 'tool-call' || part.kind !== 'custom') return part
  const json = { [ARGUMENT]: part.arguments.text }
  return { ...part, kind: 'function', arguments: { text: JSON.stringify(json), json } }
}

function asFunction(tool: CustomTool): FunctionTool {
  return {
    ...omit(tool, ['format']),
    kind: 'function',
    parameters: {
      type: 'object',
      properties: { [ARGUMENT]: { type: 'string' } },
      required: [ARGUMENT],
      additionalProperties: false,
    },
  }
}

function noteOf(tool: CustomTool, at: number): Note {
  const hasGrammar = tool.format?.definition !== undefined
  return {
    action: 'approximated',
    feature: 'custom_tool',
    path: `tools[${at}]`,
    weight: hasGrammar ? 3 : 2,
    reason: hasGrammar
      ? 'the target has no custom tools: a function of one string, without the grammar, stands for it'
      : 'the target has no custom tools: a function of one string stands for it',
  }
}
