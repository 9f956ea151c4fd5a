// The vendor's own schema language (a part of OpenAPI's, with types in capitals) read as JSON Schema.
import { type Json, type JsonObject, isArray, isObject } from '../../wire/json.ts'
import { SCHEMA_TYPES } from './wire-types.ts'

/** Keys that hold one schema, a list of schemas, or schemas by name. */
const ONE = new Set(['items', 'additionalProperties', 'not'])
const MANY = new Set(['anyOf', 'any_of', 'oneOf', 'allOf', 'prefixItems'])
const NAMED = new Set(['properties', '$defs', 'defs', 'definitions'])

/** Spellings of keys and int64 numbers as text. */
const KEYS: ReadonlyMap<string, string> = new Map([
  ['any_of', 'anyOf'],
  ['min_items', 'minItems'],
  ['max_items', 'maxItems'],
  ['min_length', 'minLength'],
  ['max_length', 'maxLength'],
  ['min_properties', 'minProperties'],
  ['max_properties', 'maxProperties'],
])
const COUNTS = /^(?:min|max)(?:Items|Length|Properties)$/

/** Only the spelling changes: types in lower case, `nullable` as a type, counts as numbers; the vendor's ordering hint goes. */
export function jsonSchemaOf(schema: JsonObject): JsonObject {
  const { nullable, propertyOrdering: _, property_ordering: __, ...rest } = schema
  const entries = Object.entries(rest).map(([key, value]) => entryOf(key, value))
  const read: JsonObject = Object.fromEntries(entries)
  return nullable === true ? withNull(read) : read
}

function entryOf(key: string, value: Json | undefined): readonly [string, Json | undefined] {
  const name = KEYS.get(key) ?? key
  if (key === 'type') return [key, typeOf(value)]
  if (COUNTS.test(name) && typeof value === 'string') return [name, Number(value)]
  if (ONE.has(key)) return [name, schemaOf(value)]
  if (MANY.has(key) && isArray(value)) return [name, value.map((item) => schemaOf(item) ?? item)]
  if (NAMED.has(key) && isObject(value)) {
    const named = Object.entries(value).map(([each, inner]) => [each, schemaOf(inner)])
    return [name, Object.fromEntries(named)]
  }
  return [name, value]
}

function schemaOf(value: Json | undefined): Json | undefined {
  return isObject(value) ? jsonSchemaOf(value) : value
}

function typeOf(value: Json | undefined): Json | undefined {
  if (typeof value === 'number') return SCHEMA_TYPES[value]?.toLowerCase() ?? value
  if (isArray(value)) return value.map((item) => typeOf(item) ?? item)
  return typeof value === 'string' ? value.toLowerCase() : value
}

function withNull(schema: JsonObject): JsonObject {
  const { type, enum: values } = schema
  if (typeof type !== 'string' || type === 'null') return schema
  const enumeration = isArray(values) && !values.includes(null) ? { enum: [...values, null] } : {}
  return { ...schema, type: [type, 'null'], ...enumeration }
}

/** Whether a schema of arguments says that there are none; the vendor refuses such a one. */
export function takesNothing(schema: JsonObject): boolean {
  const { type, properties, additionalProperties } = schema
  const open = additionalProperties === true || isObject(additionalProperties)
  const bare = properties === undefined || (isObject(properties) && isEmpty(properties))
  return (type === 'object' || type === undefined) && bare && !open && !composed(schema)
}

function isEmpty(object: JsonObject): boolean {
  return Object.keys(object).length === 0
}

function composed(schema: JsonObject): boolean {
  return ['$ref', 'anyOf', 'oneOf', 'allOf', 'patternProperties'].some((key) => key in schema)
}
