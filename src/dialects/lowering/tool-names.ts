// Tool names that a target accepts, with the way back for its answers.
import type { Note } from '../../canonical/note.ts'
import type { Part } from '../../canonical/part.ts'
import type { ChatRequest } from '../../canonical/request.ts'
import { hashText } from './hash.ts'
import type { Pass } from './pass.ts'
import { mapSame, rewriteParts } from './rewrite.ts'

const HASH_LENGTH = 8

export interface ToolNameRules {
  /** Matches a whole name that the target takes; no `g` or `y` flag. Names like `_a_0B1c2D3e` must be legal. */
  readonly pattern: RegExp
  readonly maxLength: number
}

/** The name on the wire to the client's own name. */
export type RenamedTools = Readonly<Record<string, string>>

/** Renames in tools, choice, calls and results; legal names stay, no two names become one, `renamedTools` records the way back. */
export function toolNames(rules: ToolNameRules): Pass {
  return (request) => {
    const places = placesOfNames(request)
    const taken = new Set([...places.keys()].filter((name) => isLegal(name, rules)))
    const renamed = new Map<string, string>()
    const notes: Note[] = []
    for (const [name, path] of places) {
      if (taken.has(name)) continue
      const fresh = freshName(name, rules.maxLength, taken)
      taken.add(fresh)
      renamed.set(name, fresh)
      notes.push({
        action: 'approximated',
        feature: 'tool_name',
        path,
        weight: 0,
        reason: 'the target does not take names of this form; answers get the old name back',
        from: name,
        to: fresh,
      })
    }
    return { value: renamed.size === 0 ? request : withNewNames(request, renamed), notes }
  }
}

/** A part of the answer with the client's own tool name. */
export function restoreToolNames(part: Part, renamed: RenamedTools | undefined): Part {
  if (renamed === undefined || (part.type !== 'tool-call' && part.type !== 'tool-result')) {
    return part
  }
  if (part.name === undefined || !Object.hasOwn(renamed, part.name)) return part
  const name = renamed[part.name]
  return name === undefined ? part : { ...part, name }
}

function isLegal(name: string, rules: ToolNameRules): boolean {
  return name.length <= rules.maxLength && rules.pattern.test(name)
}

/** Every name but those of native tools, in order of first appearance. */
function placesOfNames(request: ChatRequest): Map<string, string> {
  const places = new Map<string, string>()
  const see = (name: string, path: string): void => {
    if (!places.has(name)) places.set(name, path)
  }
  const native = new Set<string>()
  for (const [at, tool] of (request.tools ?? []).entries()) {
    if (tool.kind === 'native') native.add(tool.name)
    else see(tool.name, `tools[${at}].name`)
  }
  for (const [at, name] of (request.toolChoice?.only ?? []).entries()) {
    if (!native.has(name)) see(name, `toolChoice.only[${at}]`)
  }
  rewriteParts(
    request,
    (part, path) => {
      if (part.type === 'tool-call' || part.type === 'tool-result') {
        if (part.name !== undefined) see(part.name, `${path}.name`)
      }
      return [part]
    },
    ['tool-call', 'tool-result'],
  )
  return places
}

function freshName(name: string, maxLength: number, taken: ReadonlySet<string>): string {
  const clean = name.replaceAll(/[^A-Za-z0-9_-]/g, '_')
  const startable = /^[A-Za-z_]/.test(clean) ? clean : `_${clean}`
  const stem = startable.slice(0, maxLength - HASH_LENGTH - 1)
  let fresh = `${stem}_${hashText(name, HASH_LENGTH)}`
  for (let attempt = 1; taken.has(fresh); attempt += 1) {
    fresh = `${stem}_${hashText(`${name}#${attempt}`, HASH_LENGTH)}`
  }
  return fresh
}

function withNewNames(request: ChatRequest, renamed: ReadonlyMap<string, string>): ChatRequest {
  const { toolChoice, tools } = request
  const back = [...renamed].map(([name, fresh]) => [fresh, name])
  return {
    ...rewriteParts(request, (part) => [withNewName(part, renamed)]),
    ...(tools === undefined
      ? {}
      : {
          tools: mapSame(tools, (tool) => {
            const name = tool.kind === 'native' ? undefined : renamed.get(tool.name)
            return name === undefined ? tool : { ...tool, name }
          }),
        }),
    ...(toolChoice?.only === undefined
      ? {}
      : {
          toolChoice: {
            ...toolChoice,
            only: mapSame(toolChoice.only, (name) => renamed.get(name) ?? name),
          },
        }),
    renamedTools: { ...request.renamedTools, ...Object.fromEntries(back) },
  }
}

function withNewName(part: Part, renamed: ReadonlyMap<string, string>): Part {
  if ((part.type !== 'tool-call' && part.type !== 'tool-result') || part.name === undefined) {
    return part
  }
  const name = renamed.get(part.name)
  return name === undefined ? part : { ...part, name }
}
