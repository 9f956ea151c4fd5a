// What vendors demand of a JSON Schema that an answer must fit.
import { type Json, type JsonObject, isArray, isObject } from '../../../src/wire/json.ts'
import { object, refuse } from '../violation.ts'

export interface SchemaRules {
  /** Keywords that are refused. */
  readonly unknown?: readonly string[]
  /** Objects must say `additionalProperties: false`. */
  readonly closed?: boolean
  /** Objects must require every property. */
  readonly complete?: boolean
}

/** A schema whose root is an object, checked down to its leaves. */
export function checkObjectSchema(value: Json | undefined, path: string, rules: SchemaRules): void {
  const schema = object(value, path)
  if (schema['type'] !== 'object') refuse(path, 'schema must be of type "object"')
  checkSchema(schema, path, rules)
}

function checkSchema(schema: JsonObject, path: string, rules: SchemaRules): void {
  const unknown = rules.unknown?.find((keyword) => Object.hasOwn(schema, keyword))
  if (unknown !== undefined) refuse(path, `property '${unknown}' is not supported`)
  if (schema['type'] === 'object') checkObject(schema, path, rules)
  for (const [key, child] of children(schema)) checkSchema(child, `${path}.${key}`, rules)
}

function checkObject(schema: JsonObject, path: string, rules: SchemaRules): void {
  if (rules.closed === true && schema['additionalProperties'] !== false) {
    refuse(path, "For 'object' type, 'additionalProperties' must be explicitly set to false")
  }
  if (rules.complete !== true) return
  const required = isArray(schema['required']) ? schema['required'] : []
  const properties = isObject(schema['properties']) ? Object.keys(schema['properties']) : []
  const missing = properties.find((name) => !required.includes(name))
  if (missing !== undefined) {
    refuse(path, `'required' must include every key in properties. Missing '${missing}'.`)
  }
}

function children(schema: JsonObject): readonly (readonly [string, JsonObject])[] {
  const maps = ['properties', '$defs'].flatMap((key) =>
    isObject(schema[key]) ? Object.entries(schema[key]) : [],
  )
  const lists = ['anyOf', 'allOf', 'oneOf'].flatMap((key) =>
    isArray(schema[key]) ? schema[key].map((item, at) => [`${key}.${at}`, item] as const) : [],
  )
  const items = isObject(schema['items']) ? [['items', schema['items']] as const] : []
  return [...maps, ...lists, ...items].flatMap(([key, child]) =>
    isObject(child) ? [[key, child] as const] : [],
  )
}
