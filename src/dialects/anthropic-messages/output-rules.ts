// Structured output of other dialects: a schema may say only a part of JSON Schema.
import type { Note } from '../../canonical/note.ts'
import { type Json, type JsonObject, equalJson, isArray, isObject } from '../../wire/json.ts'
import { toldInWords } from '../lowering/keyword-words.ts'
import type { Pass } from '../lowering/pass.ts'
import { DIALECT } from './wire-types.ts'

/** Keywords that constrained decoding refuses (structured outputs guide, 2026). */
const REFUSED: ReadonlySet<string> = new Set([
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'pattern',
  'minItems',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
  'patternProperties',
  'not',
])

/** Another dialect's schema without what is refused, every object closed. */
export const strictSchema: Pass = (request) => {
  const format = request.output?.format
  if (format?.type !== 'json-schema' || request.origin.dialect === DIALECT) {
    return { value: request, notes: [] }
  }
  const lost = new Set<string>()
  const schema = closed(format.schema, lost)
  if (equalJson(schema, format.schema)) return { value: request, notes: [] }
  const notes: Note[] = [...lost].map((keyword) => ({
    ...(CHANGED.get(keyword) ?? UNENFORCED),
    feature: `schema_${keyword}`,
    path: 'output.format.schema',
  }))
  const output = { ...request.output, format: { ...format, schema } }
  return { value: { ...request, output }, notes }
}

const UNENFORCED = {
  action: 'approximated',
  weight: 2,
  reason: 'the target does not enforce this keyword; the description says it',
} as const

const UNTOLD = {
  action: 'dropped',
  weight: 2,
  reason: 'the target does not know this keyword',
} as const

type Change = Pick<Note, 'action' | 'weight' | 'reason'>

const CHANGED: ReadonlyMap<string, Change> = new Map<string, Change>([
  ['not', UNTOLD],
  ['patternProperties', UNTOLD],
  [
    'oneOf',
    { action: 'approximated', weight: 1, reason: 'the target knows anyOf, which stands for it' },
  ],
  [
    'additionalProperties',
    { action: 'approximated', weight: 1, reason: 'the target wants every object closed' },
  ],
])

function closed(schema: JsonObject, lost: Set<string>): JsonObject {
  const refused = Object.entries(schema).filter(([key]) => REFUSED.has(key))
  return toldInWords(withoutRefused(schema, lost), Object.fromEntries(refused))
}

function withoutRefused(schema: JsonObject, lost: Set<string>): JsonObject {
  const entries = Object.entries(schema).flatMap(([key, value]) => {
    if (REFUSED.has(key)) {
      lost.add(key)
      return []
    }
    if (key === 'oneOf') lost.add(key)
    return [[key === 'oneOf' ? 'anyOf' : key, inside(key, value, lost)] as const]
  })
  const result: JsonObject = Object.fromEntries(entries)
  const isObjectSchema = schema['type'] === 'object' || isObject(schema['properties'])
  if (!isObjectSchema || schema['additionalProperties'] === false) return result
  lost.add('additionalProperties')
  return { ...result, additionalProperties: false }
}

/** Names of properties and definitions are no keywords. */
const NAMED: ReadonlySet<string> = new Set(['properties', '$defs', 'definitions'])
/** Values that are data, not schemas. */
const DATA: ReadonlySet<string> = new Set(['enum', 'const', 'default', 'examples', 'required'])

function inside(key: string, value: Json | undefined, lost: Set<string>): Json | undefined {
  if (DATA.has(key)) return value
  if (isArray(value)) return value.map((item) => (isObject(item) ? closed(item, lost) : item))
  if (!isObject(value)) return value
  if (!NAMED.has(key)) return closed(value, lost)
  return Object.fromEntries(
    Object.entries(value).map(([name, schema]) => [
      name,
      isObject(schema) ? closed(schema, lost) : schema,
    ]),
  )
}
