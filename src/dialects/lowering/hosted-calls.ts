// How many calls of hosted tools may be made: some wires say it of each tool, some of all together, most not at all.
import type { Note, NoteWeight } from '../../canonical/note.ts'
import type { ChatRequest } from '../../canonical/request.ts'
import type { HostedKind, Tool } from '../../canonical/tool.ts'
import { isHosted } from './hosted-settings.ts'
import { type Pass, unchanged } from './pass.ts'
import { mapSame, omit } from './rewrite.ts'

export interface CallRules {
  readonly dialect: string
  /** `all`: one limit for all tools together; else the kinds of tool that have a limit of their own. Absent: none has. */
  readonly limit?: 'all' | readonly HostedKind[]
}

/** A request of the target's own wire says it as the wire does. */
export function hostedCalls(rules: CallRules): Pass {
  return (request) => {
    if (request.origin.dialect === rules.dialect) return unchanged(request)
    if (rules.limit === 'all') return together(request)
    const { maxHostedCalls: limit, ...rest } = request
    if (limit === undefined) return unchanged(request)
    const tools = (request.tools ?? []).filter((tool) => isHosted(tool))
    if (tools.length === 0) return { value: rest, notes: [dropped(0)] }
    const kinds = rules.limit ?? []
    const all = tools.every(({ purpose }) => kinds.includes(purpose.what))
    if (!all) return { value: rest, notes: [dropped(2)] }
    const notes = tools.length === 1 ? [] : [approximated('each tool may make as many calls')]
    return {
      value: { ...rest, tools: mapSame(request.tools ?? [], (tool) => capped(tool, limit)) },
      notes,
    }
  }
}

/** The sum of what each may; one tool without a limit leaves all without. */
function together(request: ChatRequest): ReturnType<Pass> {
  const tools = (request.tools ?? []).filter((tool) => isHosted(tool))
  const limits = tools.flatMap(({ purpose }) => purpose.maxUses ?? [])
  if (tools.length === 0 || limits.length < tools.length) return unchanged(request)
  const sum = limits.reduce((left, right) => left + right, 0)
  const notes =
    tools.length === 1 ? [] : [approximated('all tools together may make as many calls')]
  const value = {
    ...request,
    maxHostedCalls: Math.min(sum, request.maxHostedCalls ?? sum),
    tools: mapSame(request.tools ?? [], (tool) => uncapped(tool)),
  }
  return { value, notes }
}

function capped(tool: Tool, limit: number): Tool {
  if (!isHosted(tool)) return tool
  const { purpose } = tool
  const maxUses = Math.min(limit, purpose.maxUses ?? limit)
  return { ...tool, purpose: { ...purpose, maxUses } }
}

function uncapped(tool: Tool): Tool {
  return isHosted(tool) ? { ...tool, purpose: omit(tool.purpose, ['maxUses']) } : tool
}

function approximated(reason: string): Note {
  return { ...ABOUT, action: 'approximated', weight: 1, reason }
}

function dropped(weight: NoteWeight): Note {
  const reason = 'the target cannot be told how many calls of its own tools to make'
  return { ...ABOUT, action: 'dropped', weight, reason }
}

const ABOUT = { feature: 'max_tool_calls', path: 'maxHostedCalls' } as const
