// Tools that a vendor runs, said as the target's own of the same purpose.
import type { Note, NoteWeight } from '../../canonical/note.ts'
import type { ChatRequest } from '../../canonical/request.ts'
import type { HostedPurpose, NativeTool, Tool } from '../../canonical/tool.ts'
import type { Pass } from './pass.ts'
import { flatMapSame, omit } from './rewrite.ts'

type Setting = Exclude<keyof HostedPurpose, 'what'>

/** The target's own tool and its name. */
export type HostedTool = Pick<NativeTool, 'name' | 'native'>

export interface HostedRules {
  readonly dialect: string
  /** Undefined where the target runs nothing of the kind. */
  readonly print: (purpose: HostedPurpose) => HostedTool | undefined
  /** Whether the model can be told to use a tool of the vendor's own. */
  readonly choosable: boolean
  /** The settings that `print` says. */
  readonly settings: readonly Setting[]
}

/** Run before foreignState, which drops what has no like here. A client's function of the same name goes before. */
export function hostedTools(rules: HostedRules): Pass {
  return (request) => {
    if (request.tools === undefined) return { value: request, notes: [] }
    const notes: Note[] = []
    const names = new Map<string, string>()
    const taken = new Set(request.tools.flatMap((tool) => (isHosted(tool) ? [] : [tool.name])))
    const tools = flatMapSame(request.tools, (tool, at): readonly Tool[] => {
      if (!isHosted(tool) || tool.dialect === rules.dialect) return [tool]
      const own = rules.print(tool.purpose)
      if (own === undefined || taken.has(own.name)) return [tool]
      names.set(tool.name, own.name)
      notes.push(...notesOf(tool.purpose, rules, `tools[${at}]`))
      // Two tools of the source may be one here.
      const told = [...names.values()].filter((name) => name === own.name).length > 1
      return told ? [] : [{ kind: 'native', dialect: rules.dialect, ...own }]
    })
    if (tools === request.tools) return { value: request, notes }
    return { value: withChoice({ ...request, tools }, { names, rules, notes }), notes }
  }
}

function isHosted(tool: Tool): tool is NativeTool & { readonly purpose: HostedPurpose } {
  return tool.kind === 'native' && tool.purpose !== undefined
}

interface Renamed {
  readonly names: ReadonlyMap<string, string>
  readonly rules: HostedRules
  readonly notes: Note[]
}

function withChoice(request: ChatRequest, { names, rules, notes }: Renamed): ChatRequest {
  const { toolChoice } = request
  if (toolChoice?.only?.some((name) => names.has(name)) !== true) return request
  if (rules.choosable) {
    const only = toolChoice.only.map((name) => names.get(name) ?? name)
    return { ...request, toolChoice: { ...toolChoice, only } }
  }
  const only = toolChoice.only.filter((name) => !names.has(name))
  notes.push({
    action: 'dropped',
    feature: 'tool_choice',
    path: 'toolChoice',
    weight: toolChoice.mode === 'required' ? 3 : 1,
    reason: "the target cannot be told to use a tool of the vendor's own",
  })
  return only.length === 0
    ? omit(request, ['toolChoice'])
    : { ...request, toolChoice: { ...toolChoice, only } }
}

const WEIGHTS: Readonly<Record<Setting, NoteWeight>> = {
  allowedDomains: 3,
  blockedDomains: 3,
  maxUses: 2,
  location: 1,
  others: 1,
}

/** As most wires spell them. */
const NAMES: Readonly<Record<Setting, string>> = {
  allowedDomains: 'allowed_domains',
  blockedDomains: 'blocked_domains',
  maxUses: 'max_uses',
  location: 'user_location',
  others: 'settings',
}

const SETTINGS = ['allowedDomains', 'blockedDomains', 'maxUses', 'location', 'others'] as const

function notesOf(purpose: HostedPurpose, rules: HostedRules, path: string): readonly Note[] {
  const what = purpose.what.replaceAll('-', '_')
  const lost = SETTINGS.filter(
    (setting) => purpose[setting] !== undefined && !rules.settings.includes(setting),
  )
  return [
    {
      action: 'approximated',
      feature: what,
      path,
      weight: 1,
      reason: "the target's own tool of this purpose stands for it",
    },
    ...lost.map((setting): Note => ({
      action: 'dropped',
      feature: `${what}.${NAMES[setting]}`,
      path,
      weight: WEIGHTS[setting],
      reason: "the target's own tool has no such setting",
    })),
  ]
}
