// Fields that only the client's own dialect has a word for: each is noted, so that none is lost in silence.
import type { Building } from '../../canonical/compact.ts'
import type { Extension, Extensions, Node } from '../../canonical/extensions.ts'
import type { Note, NoteWeight } from '../../canonical/note.ts'
import type { Part } from '../../canonical/part.ts'
import type { ChatRequest } from '../../canonical/request.ts'
import { type Json, isArray, isObject } from '../../wire/json.ts'
import type { Pass } from './pass.ts'
import { mapSame, rewriteParts, withTurns } from './rewrite.ts'
import { hasAny } from './traits.ts'

export interface ForeignFieldRules {
  /** The dialect the request goes to; its own fields stay. */
  readonly dialect: string
}

/** Takes the unknown fields of other dialects off every node, with one note each, as heavy as the field's own dialect says. */
export function foreignFields(rules: ForeignFieldRules): Pass {
  return (request) => {
    const notes: Note[] = []
    const strip = <T extends Node>(node: T, path: string): T =>
      withoutForeignFields(node, { rules, path, notes })
    return { value: everyNode(request, strip), notes }
  }
}

type Strip = <T extends Node>(node: T, path: string) => T

function everyNode(request: ChatRequest, strip: Strip): ChatRequest {
  if (!hasAny(request, ['extensions'])) return inSettings(strip(request, ''), strip)
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

export interface ForeignPlace {
  readonly rules: ForeignFieldRules
  readonly path: string
  readonly notes: Note[]
}

/** One node without them. */
export function withoutForeignFields<T extends Node>(node: T, place: ForeignPlace): T {
  const { extensions } = node
  if (extensions === undefined) return node
  const kept: Building<Extensions> = {}
  let same = true
  for (const dialect of Object.keys(extensions)) {
    const extension = extensions[dialect]
    if (dialect === place.rules.dialect || extension?.fields === undefined) {
      kept[dialect] = extension
      continue
    }
    same = false
    note(extension, place)
    if (extension.shape !== undefined) kept[dialect] = { shape: extension.shape }
  }
  return same ? node : { ...node, extensions: kept }
}

function note({ fields = {}, weights = {} }: Extension, { path, notes }: ForeignPlace): void {
  for (const [key, value] of Object.entries(fields)) {
    notes.push({
      action: 'dropped',
      feature: key,
      path: path === '' ? key : `${path}.${key}`,
      weight: isEmpty(value) ? 0 : (own(weights, key) ?? 1),
      reason: 'the target has no such field',
    })
  }
}

function own(weights: NonNullable<Extension['weights']>, key: string): NoteWeight | undefined {
  return Object.hasOwn(weights, key) ? weights[key] : undefined
}

function isEmpty(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === '') return true
  if (isArray(value)) return value.length === 0
  return isObject(value) && Object.keys(value).length === 0
}
