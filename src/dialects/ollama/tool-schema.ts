// Tool parameters: Ollama reads them into a fixed form and forgets every other keyword (ToolFunctionParameters in api/types.go).
import type { Note } from '../../canonical/note.ts'
import { type Json, type JsonObject, equalJson, isArray, isObject } from '../../wire/json.ts'
import { toldInWords } from '../lowering/keyword-words.ts'
import type { Pass } from '../lowering/pass.ts'
import { mapSame } from '../lowering/rewrite.ts'
import { unfoldReferences } from './schema-references.ts'

const PARAMETER_KEYS: ReadonlySet<string> = new Set(['items', 'properties', 'required', 'type'])
const PROPERTY_KEYS: ReadonlySet<string> = new Set([
  'anyOf',
  'description',
  'enum',
  'items',
  'properties',
  'required',
  'type',
])
// Keywords that tell the model nothing it needs.
const COSMETIC: ReadonlySet<string> = new Set([
  '$id',
  '$schema',
  'additionalProperties',
  'description',
  'title',
])

const NO_PARAMETERS: JsonObject = { type: 'object', properties: {} }

/** Says in the keywords Ollama keeps what others said in more: references are unfolded, `const` is an enum of one, `oneOf` is `anyOf`. */
export function toolSchemas(): Pass {
  return (request) => {
    if (request.tools === undefined) return { value: request, notes: [] }
    const notes: Note[] = []
    const tools = mapSame(request.tools, (tool, at) => {
      if (tool.kind !== 'function') return tool
      // Templates print the parameters of every tool.
      if (tool.parameters === undefined) return { ...tool, parameters: NO_PARAMETERS }
      const lost = new Set<string>()
      const parameters = parametersOf(tool.parameters, lost)
      for (const keyword of lost) notes.push(lostKeyword(keyword, `tools[${at}].parameters`))
      for (const keyword of respelled(tool.parameters, lost)) {
        notes.push(changedKeyword(keyword, `tools[${at}].parameters`))
      }
      return equalJson(parameters, tool.parameters) ? tool : { ...tool, parameters }
    })
    return { value: tools === request.tools ? request : { ...request, tools }, notes }
  }
}

/** At the top `type` must be one word: the server answers 400 to a list. */
function parametersOf(parameters: JsonObject, lost: Set<string>): JsonObject {
  const { schema, incomplete } = unfoldReferences(parameters)
  if (incomplete) lost.add('$ref')
  const { type } = schema
  return {
    ...kept(schema, PARAMETER_KEYS, lost),
    type: typeof type === 'string' ? type : 'object',
  }
}

function propertyOf(property: Json, lost: Set<string>): Json {
  if (!isObject(property)) return property
  const { const: constant, oneOf, ...others } = property
  const own: JsonObject = {
    ...(constant === undefined ? {} : { enum: [constant] }),
    ...(oneOf === undefined ? {} : { anyOf: oneOf }),
    ...others,
  }
  const untold = Object.entries(own).filter(
    ([key]) => !PROPERTY_KEYS.has(key) && !COSMETIC.has(key),
  )
  return toldInWords(kept(own, PROPERTY_KEYS, lost), Object.fromEntries(untold))
}

function kept(schema: JsonObject, keys: ReadonlySet<string>, lost: Set<string>): JsonObject {
  const entries = Object.entries(schema).filter(([key]) => {
    if (!keys.has(key) && !COSMETIC.has(key)) lost.add(key)
    return keys.has(key)
  })
  return Object.fromEntries(
    entries.map(([key, value]) => {
      if (key === 'properties' && isObject(value)) return [key, propertiesOf(value, lost)]
      if (key === 'anyOf' && isArray(value)) return [key, value.map((one) => propertyOf(one, lost))]
      return [key, value]
    }),
  )
}

function propertiesOf(properties: JsonObject, lost: Set<string>): JsonObject {
  const entries = Object.entries(properties).map(([name, property]) => [
    name,
    property === undefined ? undefined : propertyOf(property, lost),
  ])
  return Object.fromEntries(entries)
}

/** Keywords that say the same in other words. */
function respelled(parameters: JsonObject, lost: ReadonlySet<string>): readonly string[] {
  const used = keysIn(parameters)
  return [...RESPELLED.keys()].filter((keyword) => used.has(keyword) && !lost.has(keyword))
}

const RESPELLED: ReadonlyMap<string, string> = new Map([
  ['$ref', 'references are unfolded, which Ollama does not follow'],
  ['const', 'an enum of one stands for it'],
  ['oneOf', 'anyOf stands for it'],
])

function keysIn(value: Json | undefined, found: Set<string> = new Set()): Set<string> {
  if (isArray(value)) for (const item of value) keysIn(item, found)
  else if (isObject(value)) {
    for (const [key, inner] of Object.entries(value)) {
      found.add(key)
      keysIn(inner, found)
    }
  }
  return found
}

function changedKeyword(keyword: string, path: string): Note {
  return {
    action: 'approximated',
    feature: `schema.${keyword}`,
    path,
    weight: 0,
    reason: RESPELLED.get(keyword) ?? '',
  }
}

function lostKeyword(keyword: string, path: string): Note {
  return {
    action: 'approximated',
    feature: `schema.${keyword}`,
    path,
    weight: 1,
    reason:
      'Ollama does not show this keyword of a tool to the model; a description says it, where words can',
  }
}
