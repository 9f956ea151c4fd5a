// Tools that take free text, for targets that know functions only.
import type { Note } from '../../canonical/note.ts'
import type { Part } from '../../canonical/part.ts'
import type { CustomTool, FunctionTool } from '../../canonical/tool.ts'
import { type Json, isArray, isObject } from '../../wire/json.ts'
import type { Pass } from './pass.ts'
import { mapSame, omit, rewriteParts } from './rewrite.ts'

const ARGUMENT = 'input'

/** Custom tools become functions of one string `input`, calls in the history too; `wrappedTools` records which. Run before toolNames. */
export function customTools(): Pass {
  return (request) => {
    const notes: Note[] = []
    const value = rewriteParts(request, (part) => [wrapped(part)], ['tool-call'])
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
  const text = freeText(part.arguments.json) ?? part.arguments.text
  return { ...part, kind: 'custom', arguments: { text } }
}

/** The string that was asked for; models that know the tool by another name of it say `{patch: "…"}` or `{command: ["…", "…"]}`. */
function freeText(json: Json | undefined): string | undefined {
  if (!isObject(json)) return undefined
  const { [ARGUMENT]: input } = json
  if (typeof input === 'string') return input
  const [only, ...others] = Object.values(json)
  if (others.length > 0) return undefined
  const last = isArray(only) ? only.at(-1) : only
  return typeof last === 'string' ? last : undefined
}

function wrapped(part: Part): Part {
  if (part.type !== 'tool-call' || part.kind !== 'custom') return part
  const json = { [ARGUMENT]: part.arguments.text }
  return { ...part, kind: 'function', arguments: { text: JSON.stringify(json), json } }
}

function asFunction(tool: CustomTool): FunctionTool {
  const { description = '', format } = tool
  const grammar =
    format?.definition === undefined
      ? []
      : [`The input must follow this ${format.syntax} grammar:\n${format.definition}`]
  const said = [...(description === '' ? [] : [description]), ...grammar].join('\n\n')
  return {
    ...omit(tool, ['format', 'description']),
    kind: 'function',
    ...(said === '' ? {} : { description: said }),
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
    weight: 2,
    reason: hasGrammar
      ? 'the target has no custom tools: a function of one string stands for it, with the grammar in words'
      : 'the target has no custom tools: a function of one string stands for it',
  }
}
