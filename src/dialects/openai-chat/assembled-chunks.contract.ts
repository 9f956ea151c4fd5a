// What a sequence of chunks amounts to, worked out without the dialect's own code, for its tests.
import { type Json, type JsonObject, isArray, isObject } from '../../wire/json.ts'

/** Texts that grow; every other key has its last value. */
const GROWING: ReadonlySet<string> = new Set([
  'content',
  'refusal',
  'reasoning_content',
  'reasoning',
  'arguments',
  'input',
  'data',
  'transcript',
])
const LISTS: ReadonlySet<string> = new Set(['annotations', 'content'])

/** Padding and noise: they may differ between two streams that say the same. */
const NOISE: ReadonlySet<string> = new Set(['obfuscation', 'created', 'object', 'role', 'message'])

function isSilent(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === '') return true
  if (isArray(value)) return value.length === 0
  return isObject(value) && Object.keys(value).length === 0
}

function merged(before: JsonObject, delta: JsonObject): JsonObject {
  const result = new Map<string, Json>(entries(before))
  for (const [key, value] of entries(delta)) {
    if (isSilent(value) || NOISE.has(key)) continue
    const now = joined(key, result.get(key), value)
    if (!isSilent(now)) result.set(key, now)
  }
  return Object.fromEntries(result)
}

function entries(source: JsonObject): readonly (readonly [string, Json])[] {
  return Object.entries(source).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, value] as const],
  )
}

function joined(key: string, before: Json | undefined, value: Json): Json {
  if (key === 'tool_calls') return calls(before, value)
  if (key === 'reasoning_details') return details(before, value)
  if (GROWING.has(key) && typeof value === 'string') {
    return (typeof before === 'string' ? before : '') + value
  }
  if (key === 'logprobs' && isObject(value)) return listed(isObject(before) ? before : {}, value)
  if (LISTS.has(key) && isArray(before) && isArray(value)) return [...before, ...value]
  if (isObject(before) && isObject(value)) return merged(before, value)
  return isObject(value) ? merged({}, value) : value
}

function listed(before: JsonObject, value: JsonObject): JsonObject {
  const result = new Map<string, Json>(entries(before))
  for (const [key, list] of entries(value)) {
    const known = result.get(key)
    if (isArray(list) && list.length > 0) {
      result.set(key, isArray(known) ? [...known, ...list] : list)
    }
  }
  return Object.fromEntries(result)
}

/** By index; the first id and name count, as every client takes them. */
function calls(before: Json | undefined, pieces: Json): Json {
  const list: JsonObject[] = isArray(before) ? before.filter((one) => isObject(one)) : []
  for (const piece of isArray(pieces) ? pieces : []) {
    if (!isObject(piece)) continue
    const index = piece['index'] ?? list.length
    const at = list.findIndex((call) => call['index'] === index)
    const known = list[at]
    if (known === undefined) list.push(merged({ index }, piece))
    else list[at] = call(known, piece)
  }
  return list
}

function call(known: JsonObject, piece: JsonObject): JsonObject {
  const callee = isObject(piece['function']) ? piece['function'] : {}
  const later = { ...piece, id: null, type: null, function: { ...callee, name: null } }
  return merged(known, later)
}

function details(before: Json | undefined, pieces: Json): Json {
  const list: JsonObject[] = isArray(before) ? before.filter((one) => isObject(one)) : []
  for (const piece of isArray(pieces) ? pieces : []) {
    if (!isObject(piece)) continue
    const last = list.at(-1)
    const same =
      last !== undefined && last['type'] === piece['type'] && last['index'] === piece['index']
    if (!same) list.push(piece)
    else {
      const text = ['text', 'summary'].flatMap((key) =>
        typeof piece[key] === 'string' ? [[key, textOf(last[key]) + textOf(piece[key])]] : [],
      )
      list[list.length - 1] = { ...last, ...piece, ...Object.fromEntries(text) }
    }
  }
  return list
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}

/** Later snapshots of usage win, zeros never win over counts. */
function counted(before: Json, usage: Json | undefined): Json {
  if (!isObject(usage)) return before
  const some = Object.values(usage).some((value) => typeof value === 'number' && value > 0)
  return some || before === null ? usage : before
}

export function assembleChunks(frames: readonly Json[]): Json {
  let head: JsonObject = {}
  let usage: Json = null
  let error: Json = null
  const choices = new Map<number, JsonObject>()
  for (const frame of frames) {
    if (!isObject(frame)) continue
    const { choices: list, usage: now, id, model, error: failed, ...rest } = frame
    const { x_groq: groq } = frame
    usage = counted(usage, now ?? (isObject(groq) ? groq['usage'] : undefined))
    if (!isSilent(failed)) {
      error = isObject(failed) ? (failed['message'] ?? null) : (failed ?? null)
      break
    }
    const first = { id: head['id'] ?? id, model: head['model'] ?? model }
    head = { ...merged(head, rest), ...merged({}, isSilent(id) ? {} : first) }
    for (const choice of isArray(list) ? list : []) {
      if (!isObject(choice)) continue
      const { usage: _, finish_reason: finish, ...said } = choice
      const index = typeof choice['index'] === 'number' ? choice['index'] : 0
      const known = choices.get(index) ?? {}
      const first = known['finish_reason'] ?? finish
      choices.set(index, { ...merged(known, said), ...merged({}, { finish_reason: first }) })
    }
  }
  // An answer that broke off has no reason of its own any more.
  const said = [...choices.values()].map(({ finish_reason: finish, ...choice }) =>
    error === null ? { ...choice, ...merged({}, { finish_reason: finish }) } : choice,
  )
  return { ...head, usage, error, choices: said }
}
