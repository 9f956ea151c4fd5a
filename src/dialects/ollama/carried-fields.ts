// Ollama's own settings that a client of another dialect put beside its request: they reach Ollama all the same.
import { compact } from '../../canonical/compact.ts'
import type { Extension } from '../../canonical/extensions.ts'
import type { ChatRequest } from '../../canonical/request.ts'
import { type Json, type JsonObject, isObject } from '../../wire/json.ts'
import type { Pass } from '../lowering/pass.ts'
import { omit } from '../lowering/rewrite.ts'
import { DIALECT } from './wire-types.ts'

/** Moves `keep_alive` and `options` from the unknown fields of other dialects to this one's; what is there already stays. */
export function carriedFields(): Pass {
  return (request) => {
    const { [DIALECT]: own, ...foreign } = request.extensions ?? {}
    const carried = Object.values(foreign).flatMap((extension) =>
      Object.entries(carriedBy(extension?.fields ?? {})),
    )
    if (carried.length === 0) return { value: request, notes: [] }
    const extensions = Object.fromEntries(
      Object.entries(foreign).map(([dialect, extension]) => [dialect, withoutCarried(extension)]),
    )
    const fields = Object.fromEntries([...carried, ...Object.entries(own?.fields ?? {})])
    return { value: withOwnFields({ ...request, extensions }, own, fields), notes: [] }
  }
}

/** Fills in the target's own `keep_alive` where the request has none. */
export function defaultKeepAlive(keepAlive: number | string | undefined): Pass {
  return (request) => {
    const own = request.extensions?.[DIALECT]
    const fields = own?.fields ?? {}
    if (keepAlive === undefined || 'keep_alive' in fields) return { value: request, notes: [] }
    return { value: withOwnFields(request, own, { ...fields, keep_alive: keepAlive }), notes: [] }
  }
}

function withOwnFields(
  request: ChatRequest,
  own: Extension | undefined,
  fields: JsonObject,
): ChatRequest {
  return { ...request, extensions: { ...request.extensions, [DIALECT]: { ...own, fields } } }
}

function carriedBy(fields: JsonObject): JsonObject {
  const { keep_alive: keepAlive, options } = fields
  return compact({
    keep_alive: readKeepAlive(keepAlive),
    options: isObject(options) ? options : undefined,
  })
}

// A duration of digits alone is no Go duration, and the server answers 400 to it.
function readKeepAlive(value: Json | undefined): Json | undefined {
  if (typeof value === 'number') return value
  if (typeof value !== 'string') return undefined
  return /^-?\d+$/.test(value) ? Number(value) : value
}

function withoutCarried(extension: Extension | undefined): Extension | undefined {
  if (extension?.fields === undefined) return extension
  return { ...extension, fields: omit(extension.fields, Object.keys(carriedBy(extension.fields))) }
}
