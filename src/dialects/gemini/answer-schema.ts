// A schema of an answer in the part of JSON Schema that the vendor reads (structured output guide, `responseJsonSchema`, 2026).
import type { Note } from '../../canonical/note.ts'
import { type Json, type JsonObject, equalJson, isArray, isObject } from '../../wire/json.ts'
import type { Pass } from '../lowering/pass.ts'

const KNOWN: ReadonlySet<string> = new Set([
  '$id',
  '$defs',
  '$ref',
  '$anchor',
  'type',
  'format',
  'title',
  'description',
  'enum',
  'items',
  'prefixItems',
  'minItems',
  'maxItems',
  'minimum',
  'maximum',
  'anyOf',
  'oneOf',
  'properties',
  'additionalProperties',
  'required',
  'propertyOrdering',
])
/** Keywords that hold nobody to anything. */
const COSMETIC: ReadonlySet<string> = new Set(['$schema', '$comment', 'default', 'examples'])
/** Names in these are no keywords. */
const NAMED: ReadonlySet<string> = new Set(['properties', '$defs'])
/** Values in these are no schemas. */
const DATA: ReadonlySet<string> = new Set(['enum', 'required', 'propertyOrdering'])

/** Leaves out what would be ignored or refused, with a note for each keyword; a constant is an enumeration of one. */
export const answerSchema: Pass = (request) => {
  const format = request.output?.format
  if (format?.type !== 'json-schema') return { value: request, notes: [] }
  const lost = new Set<string>()
  const schema = read(format.schema, lost)
  if (equalJson(schema, format.schema)) return { value: request, notes: [] }
  const notes = [...lost].map((keyword): Note => ({
    action: 'dropped',
    feature: `schema_${keyword}`,
    path: 'output.format.schema',
    weight: 2,
    reason: 'the target does not hold the answer to this keyword',
  }))
  return {
    value: { ...request, output: { ...request.output, format: { ...format, schema } } },
    notes,
  }
}

function read(schema: JsonObject, lost: Set<string>): JsonObject {
  const entries = Object.entries(rephrased(schema)).flatMap(([key, value]) => {
    if (KNOWN.has(key)) return [[key, inside(key, value, lost)] as const]
    if (!COSMETIC.has(key)) lost.add(key)
    return []
  })
  return Object.fromEntries(entries)
}

/** The same in keywords that are known: constants, definitions by their older name, and open bounds of whole numbers. */
function rephrased(schema: JsonObject): JsonObject {
  const { const: constant, definitions, exclusiveMinimum, exclusiveMaximum, ...rest } = schema
  const whole = schema['type'] === 'integer'
  const above = typeof exclusiveMinimum === 'number' && whole ? exclusiveMinimum + 1 : undefined
  const below = typeof exclusiveMaximum === 'number' && whole ? exclusiveMaximum - 1 : undefined
  return {
    ...rest,
    ...(constant === undefined ? {} : { enum: [constant] }),
    ...(definitions === undefined || '$defs' in schema ? {} : { $defs: definitions }),
    ...(exclusiveMinimum === undefined || above === undefined ? {} : { minimum: above }),
    ...(exclusiveMaximum === undefined || below === undefined ? {} : { maximum: below }),
    ...(exclusiveMinimum === undefined || above !== undefined ? {} : { exclusiveMinimum }),
    ...(exclusiveMaximum === undefined || below !== undefined ? {} : { exclusiveMaximum }),
  }
}

function inside(key: string, value: Json | undefined, lost: Set<string>): Json | undefined {
  if (key === '$ref' && typeof value === 'string')
    return value.replace('#/definitions/', '#/$defs/')
  if (DATA.has(key)) return value
  if (isArray(value)) return value.map((item) => (isObject(item) ? read(item, lost) : item))
  if (!isObject(value)) return value
  if (!NAMED.has(key)) return read(value, lost)
  const named = Object.entries(value).map(([name, inner]) => [
    name,
    isObject(inner) ? read(inner, lost) : inner,
  ])
  return Object.fromEntries(named)
}
