// `$ref` inside a JSON schema, replaced by what it points to, for a wire that does not follow references.
import { type Json, type JsonObject, isArray, isObject } from '../../wire/json.ts'

// References may point at each other so that a small schema unfolds without end.
const MAX_UNFOLDED = 200

export interface Unfolded {
  readonly schema: JsonObject
  /** Some reference was circular, foreign or one too many: its place is left open. */
  readonly incomplete: boolean
}

interface Unfolding {
  readonly root: JsonObject
  left: number
  incomplete: boolean
}

/** The schema without references and without the definitions they pointed to. */
export function unfoldReferences(root: JsonObject): Unfolded {
  const unfolding: Unfolding = { root, left: MAX_UNFOLDED, incomplete: false }
  const { $defs: _, definitions: __, ...schema } = root
  const unfolded = unfoldKeys(schema, unfolding, [])
  return { schema: unfolded, incomplete: unfolding.incomplete }
}

function unfold(node: Json, unfolding: Unfolding, within: readonly string[]): Json {
  if (isArray(node)) return node.map((item) => unfold(item, unfolding, within))
  if (!isObject(node)) return node
  const { $ref: reference, ...siblings } = node
  if (typeof reference !== 'string') return unfoldKeys(node, unfolding, within)
  const target = within.includes(reference) ? undefined : targetOf(reference, unfolding.root)
  unfolding.left -= 1
  if (target === undefined || unfolding.left < 0) {
    unfolding.incomplete = true
    return unfoldKeys(siblings, unfolding, within)
  }
  return unfold({ ...target, ...siblings }, unfolding, [...within, reference])
}

function unfoldKeys(node: JsonObject, unfolding: Unfolding, within: readonly string[]): JsonObject {
  const entries = Object.entries(node).map(([key, value]) => [
    key,
    value === undefined ? undefined : unfold(value, unfolding, within),
  ])
  return Object.fromEntries(entries)
}

/** What a JSON pointer such as `#/$defs/Point` points to. */
function targetOf(reference: string, root: JsonObject): JsonObject | undefined {
  if (!reference.startsWith('#/')) return undefined
  let node: Json | undefined = root
  for (const step of reference.slice(2).split('/')) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~')
    if (!isObject(node) || !Object.hasOwn(node, key)) return undefined
    node = node[key]
  }
  return isObject(node) ? node : undefined
}
