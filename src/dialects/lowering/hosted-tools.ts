// Tools that a vendor runs, said as the target's own of the same purpose.
import type { Node } from '../../canonical/extensions.ts'
import type { Note } from '../../canonical/note.ts'
import type { ChatRequest } from '../../canonical/request.ts'
import {
  HOSTED_KINDS,
  type HostedKind,
  type HostedPurpose,
  type NativeTool,
  type Tool,
  type ToolChoice,
} from '../../canonical/tool.ts'
import { isArray } from '../../wire/json.ts'
import type { Profile } from '../dialect.ts'
import { type CallRules, hostedCalls } from './hosted-calls.ts'
import {
  type HostedSetting,
  fencesLost,
  isHosted,
  merged,
  missedBy,
  settingsLost,
} from './hosted-settings.ts'
import { type Pass, runPasses } from './pass.ts'
import { flatMapSame, omit } from './rewrite.ts'

/** The target's own tool and its name. */
export type HostedTool = Pick<NativeTool, 'name' | 'native'> & Node

export interface HostedRules extends CallRules {
  /** Undefined where the vendor runs nothing of the kind. */
  readonly print: (purpose: HostedPurpose) => HostedTool | undefined
  /** Whether the model can be told to use a tool of the vendor's own. */
  readonly choosable: boolean
  /** The settings that `print` says. */
  readonly settings: readonly HostedSetting[]
}

/**
 * Run before foreignState, which drops what has no like here. A client's function of the same name goes before.
 * `has`: the kinds that the model of the profile has, where not all that the vendor runs.
 */
export function hostedTools(rules: HostedRules, has: readonly HostedKind[] = HOSTED_KINDS): Pass {
  return (request) =>
    runPasses(request, [
      hostedCalls(rules),
      (request) => {
        if (request.tools === undefined) return { value: request, notes: [] }
        const own = new OwnTools(rules, has, request.tools)
        const tools = flatMapSame(request.tools, (tool, at) => own.of(tool, `tools[${at}]`))
        if (tools === request.tools) return { value: request, notes: own.notes }
        return { value: withChoice({ ...request, tools }, own, rules), notes: own.notes }
      },
    ])
}

/** What a profile says of the kinds its model has: `hostedTools`, a list. */
export function hostedKinds(
  { flags }: Profile,
  usual: readonly HostedKind[] = HOSTED_KINDS,
): readonly HostedKind[] {
  const told = flags['hostedTools']
  return isArray(told) ? HOSTED_KINDS.filter((kind) => told.includes(kind)) : usual
}

class OwnTools {
  readonly notes: Note[] = []
  /** From the client's names to the target's. */
  readonly names = new Map<string, string>()
  /** Tools that are not offered. */
  readonly lost = new Set<string>()
  readonly #rules: HostedRules
  readonly #has: readonly HostedKind[]
  readonly #taken: ReadonlySet<string>
  /** By the target's name: several of the source may be one here. */
  readonly #purposes = new Map<string, [HostedPurpose, ...HostedPurpose[]]>()
  readonly #told = new Set<string>()

  constructor(rules: HostedRules, has: readonly HostedKind[], tools: readonly Tool[]) {
    this.#rules = rules
    this.#has = has
    this.#taken = new Set(tools.flatMap((tool) => (isHosted(tool) ? [] : [tool.name])))
    for (const tool of tools) {
      const own = this.#nameOf(tool)
      if (own === undefined || !isHosted(tool)) continue
      const others = this.#purposes.get(own)
      if (others === undefined) this.#purposes.set(own, [tool.purpose])
      else others.push(tool.purpose)
    }
  }

  of(tool: Tool, path: string): readonly Tool[] {
    const { dialect, print, settings } = this.#rules
    const name = this.#nameOf(tool)
    const purposes = name === undefined ? undefined : this.#purposes.get(name)
    if (name === undefined || purposes === undefined || !isHosted(tool)) return [tool]
    const { purpose } = tool
    const fences = fencesLost(purposes, settings)
    if (fences.length > 0) {
      this.notes.push(unfenced(purpose, path, fences))
      this.lost.add(tool.name)
      return []
    }
    this.names.set(tool.name, name)
    this.notes.push(standsFor(wordOf(purpose), path), ...settingsLost(purpose, settings, path))
    const own = this.#told.has(name) ? undefined : print(merged(purposes))
    this.#told.add(name)
    return own === undefined ? [] : [{ kind: 'native', dialect, ...own }]
  }

  /** Undefined for what the target has not, and for its own. */
  #nameOf(tool: Tool): string | undefined {
    if (!isHosted(tool) || tool.dialect === this.#rules.dialect) return undefined
    if (!this.#has.includes(tool.purpose.what)) return undefined
    const name = this.#rules.print(tool.purpose)?.name
    return name === undefined || this.#taken.has(name) ? undefined : name
  }
}

function wordOf({ what }: HostedPurpose): string {
  return what.replaceAll('-', '_')
}

function standsFor(feature: string, path: string): Note {
  const reason = "the target's own tool of this purpose stands for it"
  return { action: 'approximated', feature, path, weight: 1, reason }
}

function unfenced(purpose: HostedPurpose, path: string, fences: readonly string[]): Note {
  const reason = `the target's own tool cannot be kept within ${fences.join(' and ')}, so it is not offered`
  const weight = missedBy(purpose)
  return { action: 'dropped', feature: wordOf(purpose), path, weight, reason }
}

/** The choice in the target's names, without tools that are not there or that it cannot be told to use. */
function withChoice(request: ChatRequest, own: OwnTools, { choosable }: HostedRules): ChatRequest {
  const { toolChoice, tools = [] } = request
  const without = tools.length === 0 ? omit(request, ['tools', 'toolChoice']) : request
  const { only } = toolChoice ?? {}
  if (toolChoice === undefined || only === undefined) return without
  const kept = only.flatMap((name) => {
    if (own.lost.has(name)) return []
    const fresh = own.names.get(name)
    return fresh === undefined ? [name] : choosable ? [fresh] : []
  })
  if (kept.length < only.length) own.notes.push(unchosen(toolChoice))
  if (tools.length === 0) return without
  const narrowed = { ...toolChoice, only: [...new Set(kept)] }
  if (kept.length > 0) return { ...request, toolChoice: narrowed }
  return omit(request, ['toolChoice'])
}

function unchosen({ mode }: ToolChoice): Note {
  return {
    action: 'dropped',
    feature: 'tool_choice',
    path: 'toolChoice',
    weight: mode === 'required' ? 3 : 1,
    reason: "the target cannot be told to use this tool of the vendor's own",
  }
}
