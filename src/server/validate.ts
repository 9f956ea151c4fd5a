// Bodies of Patchbay's own API against their schemas: the first fault as an error that says where, and what was meant.
import { z } from 'zod'
import { GatewayError } from '../canonical/errors.ts'
import { meantIssues } from '../config/explain.ts'
import { nearestNames } from '../routing/nearest.ts'
import { type Json, type JsonObject, isArray, isObject, tryParseJson } from '../wire/json.ts'
import type { Call } from './route.ts'

/** A fault in what the client sent, at a JSON path. */
export function refused(
  param: string,
  message: string,
  code: string = 'invalid_value',
): GatewayError {
  return new GatewayError('invalid_request', message, {
    origin: 'client',
    code,
    ...(param === '' ? {} : { param }),
  })
}

/** The body as the schema has it; unknown keys are refused with the nearest known one. */
export function validated<T>(schema: z.ZodType<T>, body: Json | undefined): T {
  const result = schema.safeParse(body ?? {})
  if (result.success) return result.data
  const [issue] = result.error.issues.flatMap((one) => meantIssues(one))
  if (issue === undefined) throw refused('', 'The body is not valid.')
  const path = pathText(issue.path)
  if (issue.code !== 'unrecognized_keys') {
    const where = path === '' ? 'The body' : path
    throw refused(path, `${where}: ${issue.message}.`)
  }
  const key = issue.keys[0] ?? ''
  const known = Object.keys(propertiesAt(jsonSchemaOf(schema), issue.path))
  const [near] = nearestNames(key, known, 1)
  const hint = near === undefined ? `Known: ${known.join(', ')}.` : `Did you mean "${near}"?`
  const at = pathText([...issue.path, key])
  throw refused(at, `There is no key "${at}" here. ${hint}`, 'unknown_key')
}

/** Body and query of a call as one object, for routes that accept their keys in the URL too. */
export function withQuery(schema: z.ZodType, call: Call): Json | undefined {
  const names = [...new Set(call.query.keys())]
  if (names.length === 0) return call.body
  const body = call.body ?? {}
  if (!isObject(body)) return body
  const properties = propertiesAt(jsonSchemaOf(schema), [])
  const given: Record<string, Json> = {}
  for (const name of names) {
    if (Object.hasOwn(body, name)) {
      throw refused(name, `"${name}" stands both in the URL and in the body. Say it once.`)
    }
    given[name] = fromQuery(call.query.getAll(name), properties[name])
  }
  return { ...body, ...given }
}

/** The query of a call as the schema has it. */
export function queried<T>(schema: z.ZodType<T>, call: Call): T {
  return validated(schema, withQuery(schema, { ...call, body: undefined }))
}

/** A schema in JSON Schema, as the OpenAPI document shows it. */
export function jsonSchemaOf(schema: z.ZodType): JsonObject {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  const json = tryParseJson(JSON.stringify(rest))
  return isObject(json) ? json : {}
}

/** A value of the URL in the type its key has: text stays text, lists may be separated by commas, the rest is JSON. */
function fromQuery(values: readonly string[], property: Json | undefined): Json {
  const text = values.at(-1) ?? ''
  const type = isObject(property) ? property['type'] : undefined
  if (type === undefined || type === 'string') return text
  if (type === 'array' && !text.trim().startsWith('[')) {
    return values.flatMap((value) => value.split(',')).map((value) => value.trim())
  }
  return tryParseJson(text) ?? text
}

function propertiesAt(schema: JsonObject, path: readonly PropertyKey[]): JsonObject {
  let current: Json | undefined = schema
  for (const key of path) {
    if (!isObject(current)) return {}
    const next: Json | undefined =
      typeof key === 'number' ? itemsIn(current) : propertiesIn(current)[String(key)]
    current = next
  }
  return isObject(current) ? propertiesIn(current) : {}
}

/** Of a schema, or of the one of its alternatives that has them. */
function propertiesIn(schema: JsonObject): JsonObject {
  const { properties, anyOf } = schema
  if (isObject(properties)) return properties
  return isArray(anyOf)
    ? (anyOf
        .map((one) => (isObject(one) ? propertiesIn(one) : {}))
        .find((one) => Object.keys(one).length > 0) ?? {})
    : {}
}

function itemsIn({ items, anyOf }: JsonObject): Json | undefined {
  if (items !== undefined || !isArray(anyOf)) return items
  return anyOf
    .map((one) => (isObject(one) ? itemsIn(one) : undefined))
    .find((one) => one !== undefined)
}

function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`
    return text === '' ? String(key) : `${text}.${String(key)}`
  }, '')
}
