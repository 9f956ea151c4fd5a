// Fields that only the client's own dialect has a word for: each is noted, so that none is lost in silence.
import type { Extension, Extensions, Node } from '../../canonical/extensions.ts'
import type { Note, NoteWeight } from '../../canonical/note.ts'
import type { Part } from '../../canonical/part.ts'
import type { ChatRequest } from '../../canonical/request.ts'
import { type Json, isArray, isObject } from '../../wire/json.ts'
import type { Pass } from './pass.ts'
import { mapSame, omit, rewriteParts, withTurns } from './rewrite.ts'

export interface ForeignFieldRules {
  /** The dialect the request goes to; its own fields stay. */
  readonly dialect: string
  /** By dialect, the keys whose loss changes nothing anyone could see. */
  readonly cosmetic?: Readonly<Record<string, readonly string[]>>
}

/** Takes the unknown fields of other dialects off every node, with one note each. */
export function foreignFields(rules: ForeignFieldRules): Pass {
  return (request) => {
    const notes: Note[] = []
    const strip = <T extends Node>(node: T, path: string): T =>
      withoutForeign(node, { rules, path, notes })
    return { value: everyNode(request, strip), notes }
  }
}

type Strip = <T extends Node>(node: T, path: string) => T

function everyNode(request: ChatRequest, strip: Strip): ChatRequest {
  const inParts = rewriteParts(strip(request, ''), (part, path) => [
    strip(inCitations(part, path, strip), path),
  ])
  const inTurns = withTurns(
    inParts,
    mapSame(inParts.turns, (turn, at) => strip(turn, `turns[${at}]`)),
  )
  return inSettings(inTurns, strip)
}

function inCitations(part: Part, path: string, strip: Strip): Part {
  if (part.type !== 'text' || part.citations === undefined) return part
  const citations = mapSame(part.citations, (citation, at) =>
    strip(citation, `${path}.citations[${at}]`),
  )
  return citations === part.citations ? part : { ...part, citations }
}

function inSettings(request: ChatRequest, strip: Strip): ChatRequest {
  let value = request
  if (value.tools !== undefined) {
    const tools = mapSame(value.tools, (tool, at) => strip(tool, `tools[${at}]`))
    if (tools !== value.tools) value = { ...value, tools }
  }
  if (value.toolChoice !== undefined) {
    const toolChoice = strip(value.toolChoice, 'toolChoice')
    if (toolChoice !== value.toolChoice) value = { ...value, toolChoice }
  }
  if (value.reasoning !== undefined) {
    const reasoning = strip(value.reasoning, 'reasoning')
    if (reasoning !== value.reasoning) value = { ...value, reasoning }
  }
  if (value.output?.format !== undefined) {
    const format = strip(value.output.format, 'output.format')
    if (format !== value.output.format) value = { ...value, output: { ...value.output, format } }
  }
  return value
}

interface Place {
  readonly rules: ForeignFieldRules
  readonly path: string
  readonly notes: Note[]
}

function withoutForeign<T extends Node>(node: T, place: Place): T {
  if (node.extensions === undefined) return node
  const entries = Object.entries(node.extensions)
  const kept = entries.flatMap(([dialect, extension]): [string, Extension | undefined][] => {
    if (dialect === place.rules.dialect || extension?.fields === undefined) {
      return [[dialect, extension]]
    }
    note(dialect, extension.fields, place)
    return extension.shape === undefined ? [] : [[dialect, omit(extension, ['fields'])]]
  })
  const same = kept.length === entries.length
  if (same && kept.every(([, extension], at) => extension === entries[at]?.[1])) return node
  const extensions: Extensions = Object.fromEntries(kept)
  return { ...node, extensions }
}

function note(
  dialect: string,
  fields: Readonly<Record<string, Json | undefined>>,
  { rules, path, notes }: Place,
): void {
  const cosmetic = rules.cosmetic?.[dialect] ?? []
  for (const [key, value] of Object.entries(fields)) {
    notes.push({
      action: 'dropped',
      feature: key,
      path: path === '' ? key : `${path}.${key}`,
      weight: weightOf(key, value, cosmetic),
      reason: 'the target has no such field',
    })
  }
}

/** Keys that protect someone: dropping one never passes. */
const SAFETY_KEYS: ReadonlySet<string> = new Set([
  'data_collection',
  'data_residency',
  'guardrail_config',
  'guardrails',
  'inference_geo',
  'moderation',
  'safe_prompt',
  'safety_settings',
  'safetySettings',
  'zdr',
])

/** Keys that stand for content which the provider keeps, or for a way of answering: without them the question is another one. */
const CONTENT_KEYS: ReadonlySet<string> = new Set([
  'background',
  'cachedContent',
  'cached_content',
  'conversation',
  'previous_response_id',
  'prompt',
])

function weightOf(key: string, value: Json | undefined, cosmetic: readonly string[]): NoteWeight {
  if (isEmpty(value)) return 0
  if (key === 'store' && value === false) return 4
  if (SAFETY_KEYS.has(key) && value !== false) return isWaiver(value) ? 1 : 4
  if (CONTENT_KEYS.has(key) && value !== false) return 3
  return cosmetic.includes(key) ? 0 : 1
}

/** A list of thresholds that each ask for no protection at all. */
function isWaiver(value: Json | undefined): boolean {
  return isArray(value) && value.every((one) => isObject(one) && WAIVERS.has(one['threshold']))
}

const WAIVERS: ReadonlySet<Json | undefined> = new Set(['BLOCK_NONE', 'OFF'])

function isEmpty(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === '') return true
  if (isArray(value)) return value.length === 0
  return isObject(value) && Object.keys(value).length === 0
}
