// Settings around a request for which a target has no slot at all: each goes with a note.
import type { Json } from '../../canonical/json.ts'
import type { Note, NoteWeight } from '../../canonical/note.ts'
import type { Part } from '../../canonical/part.ts'
import type { ChatRequest, Turn } from '../../canonical/request.ts'
import type { Tool } from '../../canonical/tool.ts'
import { type Pass, runPasses } from './pass.ts'
import { mapSame, omit, rewriteParts, withTurns } from './rewrite.ts'

/**
 * What the target has no slot for.
 * `store` is for targets that might keep what they are told not to; `storing` for those that never store, and honour `store: false` as it is.
 */
export type UnsupportedFeature =
  | 'caching'
  | 'cache-key'
  | 'cache-retention'
  | 'user'
  | 'metadata'
  | 'tier'
  | 'store'
  | 'storing'
  | 'region'
  | 'strict'
  | 'names'
  | 'detail'
  | 'citations'

/** Drops the features named, with a note for each place. */
export function unsupported(rules: { readonly features: readonly UnsupportedFeature[] }): Pass {
  return (request) =>
    runPasses(
      request,
      rules.features.map((feature) => DROPS[feature]),
    )
}

const DROPS: Readonly<Record<UnsupportedFeature, Pass>> = {
  caching: (request) =>
    runPasses(request, [
      (request) => {
        if (request.caching === undefined) return { value: request, notes: [] }
        return { value: omit(request, ['caching']), notes: [dropped('caching', 'caching', 1)] }
      },
      (request) => partsWithout(request, withoutCacheMark, 'cache'),
      (request) => toolsWithout(request, withoutToolCacheMark),
    ]),

  'cache-key': (request) => cachingWithout(request, 'key'),
  'cache-retention': (request) => cachingWithout(request, 'retention'),

  user: (request) => {
    if (request.identity?.user === undefined) return { value: request, notes: [] }
    const value = { ...request, identity: omit(request.identity, ['user']) }
    return { value, notes: [dropped('user', 'identity.user', 1)] }
  },

  metadata: (request) => {
    if (request.identity?.metadata === undefined) return { value: request, notes: [] }
    const value = { ...request, identity: omit(request.identity, ['metadata']) }
    return { value, notes: [dropped('metadata', 'identity.metadata', 1)] }
  },

  tier: (request) => serviceWithout(request, 'tier', isUsual(request.service?.tier) ? 0 : 1),
  region: (request) => serviceWithout(request, 'region', 4),
  store: (request) => serviceWithout(request, 'store', request.service?.store === false ? 4 : 1),

  storing: (request) =>
    request.service?.store === true
      ? serviceWithout(request, 'store', 1)
      : { value: request, notes: [] },

  strict: (request) => toolsWithout(request, withoutStrict),
  detail: (request) => partsWithout(request, withoutDetail, 'detail'),
  citations: (request) => partsWithout(request, withoutCitations, 'citations'),

  names: (request) => {
    const notes: Note[] = []
    const turns = mapSame(request.turns, (turn, at): Turn => {
      if (turn.name === undefined) return turn
      notes.push(dropped('name', `turns[${at}].name`, 1))
      return omit(turn, ['name'])
    })
    return { value: withTurns(request, turns), notes }
  },
}

/** A tier that is what a target without tiers gives everyone. */
function isUsual(tier: string | undefined): boolean {
  return tier === 'auto' || tier === 'default' || tier === 'standard'
}

/** The node without its feature, and the note; undefined when it had none. */
type Drop<T> = (node: T, path: string) => { readonly value: T; readonly note: Note } | undefined

const withoutCacheMark: Drop<Part> = (part, path) => {
  if (part.cache === undefined) return undefined
  const { cache: _, ...value } = part
  return { value, note: dropped('cache_control', `${path}.cache`, 1) }
}

const withoutToolCacheMark: Drop<Tool> = (tool, path) => {
  if (tool.kind !== 'function' || tool.cache === undefined) return undefined
  const note = dropped('cache_control', `${path}.cache`, 1)
  return { value: omit(tool, ['cache']), note }
}

const withoutStrict: Drop<Tool> = (tool, path) => {
  if (tool.kind !== 'function' || tool.strict === undefined) return undefined
  const note = dropped('strict', `${path}.strict`, tool.strict ? 2 : 0)
  return { value: omit(tool, ['strict']), note }
}

const withoutDetail: Drop<Part> = (part, path) => {
  if (!('detail' in part) || part.detail === undefined) return undefined
  const note = dropped('detail', `${path}.detail`, part.detail === 'auto' ? 0 : 1)
  return { value: omit(part, ['detail']), note }
}

const withoutCitations: Drop<Part> = (part, path) => {
  if (part.type !== 'text' || part.citations === undefined) return undefined
  const weight = part.citations.length === 0 ? 0 : 1
  const note = dropped('citations', `${path}.citations`, weight)
  return { value: omit(part, ['citations']), note }
}

function partsWithout(
  request: ChatRequest,
  drop: Drop<Part>,
  having: 'cache' | 'detail' | 'citations',
): ReturnType<Pass> {
  const notes: Note[] = []
  const value = rewriteParts(request, (part, path) => [kept(part, drop(part, path), notes)], [
    having,
  ])
  return { value, notes }
}

function toolsWithout(request: ChatRequest, drop: Drop<Tool>): ReturnType<Pass> {
  if (request.tools === undefined) return { value: request, notes: [] }
  const notes: Note[] = []
  const tools = mapSame(request.tools, (tool, at) => kept(tool, drop(tool, `tools[${at}]`), notes))
  return { value: tools === request.tools ? request : { ...request, tools }, notes }
}

function kept<T>(node: T, result: ReturnType<Drop<T>>, notes: Note[]): T {
  if (result === undefined) return node
  notes.push(result.note)
  return result.value
}

function cachingWithout(request: ChatRequest, key: 'key' | 'retention'): ReturnType<Pass> {
  if (request.caching?.[key] === undefined) return { value: request, notes: [] }
  const value = { ...request, caching: omit(request.caching, [key]) }
  return { value, notes: [dropped(`prompt_cache_${key}`, `caching.${key}`, 1)] }
}

function serviceWithout(
  request: ChatRequest,
  key: 'tier' | 'store' | 'region',
  weight: NoteWeight,
): ReturnType<Pass> {
  const from: Json | undefined = request.service?.[key]
  if (request.service === undefined || from === undefined) return { value: request, notes: [] }
  const value = { ...request, service: omit(request.service, [key]) }
  return { value, notes: [{ ...dropped(FEATURES[key], `service.${key}`, weight), from }] }
}

const FEATURES = { tier: 'service_tier', store: 'store', region: 'region' } as const

function dropped(feature: string, path: string, weight: NoteWeight): Note {
  return { action: 'dropped', feature, path, weight, reason: 'the target has no place for this' }
}
