// JSON Schema in the words that the engine's grammars know.
import type { JsonObject } from '../../canonical/json.ts'
import type { Lowered, Note } from '../../canonical/note.ts'
import { type Json, isArray, isObject } from '../../wire/json.ts'

// After node-llama-cpp 3.22.1, dist/utils/gbnfJson/types.d.ts. All properties of an object are always written.
const KNOWN = new Set([
  'type',
  'properties',
  'required',
  'additionalProperties',
  'minProperties',
  'maxProperties',
  'items',
  'prefixItems',
  'minItems',
  'maxItems',
  'minLength',
  'maxLength',
  'enum',
  'const',
  'oneOf',
  '$ref',
  '$defs',
])
const FORMATS = new Set(['date', 'time', 'date-time'])
/** Say nothing about which values are valid. */
const TALK = new Set(['title', 'description', 'examples', 'default', '$schema', '$id', '$comment'])

/** Values keep to the result exactly; what it could not take over from the schema is noted. */
export function grammarSchema(schema: JsonObject, path: string): Lowered<JsonObject> {
  const lost = new Set<string>()
  const value = rewritten(schema, lost)
  const notes: readonly Note[] = [...lost].map((keyword) => ({
    action: 'approximated',
    feature: 'response_format',
    path,
    weight: 2,
    reason: `the model's grammar does not know "${keyword}": answers may break it`,
  }))
  return { value, notes }
}

function rewritten(schema: JsonObject, lost: Set<string>): JsonObject {
  const result: Record<string, Json | undefined> = {}
  for (const [key, value] of Object.entries(schema)) {
    if (value === undefined || TALK.has(key)) continue
    const name = key === 'anyOf' ? 'oneOf' : key === 'definitions' ? '$defs' : key
    if (key === 'format' && typeof value === 'string' && FORMATS.has(value)) result[key] = value
    else if (KNOWN.has(name)) result[name] = valueOf(name, value, lost)
    else lost.add(key)
  }
  if (isArray(result['type'])) return alternatives(result, result['type'])
  return result
}

function valueOf(name: string, value: Json, lost: Set<string>): Json {
  switch (name) {
    case 'properties':
    case '$defs':
      return isObject(value)
        ? Object.fromEntries(
            Object.entries(value).map(([key, inner]) => [
              key,
              isObject(inner) ? rewritten(inner, lost) : inner,
            ]),
          )
        : value
    case 'oneOf':
    case 'prefixItems':
      return isArray(value)
        ? value.map((inner) => (isObject(inner) ? rewritten(inner, lost) : inner))
        : value
    case 'items':
    case 'additionalProperties':
      return isObject(value) ? rewritten(value, lost) : value
    case '$ref':
      return typeof value === 'string' ? value.replace('#/definitions/', '#/$defs/') : value
    default:
      return value
  }
}

/** `type: ["object", "null"]` as one schema for each type. */
function alternatives(schema: JsonObject, types: readonly Json[]): JsonObject {
  if (types.every((type) => type !== 'object' && type !== 'array')) return schema
  const { $defs, ...rest } = schema
  return {
    oneOf: types.map((type) => ({ ...rest, type })),
    ...($defs === undefined ? {} : { $defs }),
  }
}
