// What Mistral's official SDK refuses to parse, worked out from its schemas and without the dialect's own code.
import type { Frame } from '../../wire/frame.ts'
import { type Json, type JsonObject, isArray, isObject, tryParseJson } from '../../wire/json.ts'

type Check = (value: Json | undefined, path: string) => readonly string[]

const isString: Check = (value, path) =>
  typeof value === 'string' ? [] : [`${path} must be a string`]
const isInteger: Check = (value, path) =>
  Number.isInteger(value) ? [] : [`${path} must be an integer`]

function optional(check: Check): Check {
  return (value, path) => (value === undefined ? [] : check(value, path))
}

function nullable(check: Check): Check {
  return (value, path) => (value === undefined || value === null ? [] : check(value, path))
}

function objectOf(fields: Readonly<Record<string, Check>>): Check {
  return (value, path) =>
    isObject(value)
      ? Object.entries(fields).flatMap(([key, check]) => check(value[key], `${path}.${key}`))
      : [`${path} must be an object`]
}

function listOf(check: Check): Check {
  return (value, path) =>
    isArray(value)
      ? value.flatMap((item, at) => check(item, `${path}[${at}]`))
      : [`${path} must be a list`]
}

const stringOrObject: Check = (value, path) =>
  typeof value === 'string' || isObject(value) ? [] : [`${path} must be a string or an object`]

const call = objectOf({
  function: objectOf({ name: isString, arguments: stringOrObject }),
  id: optional(isString),
  type: optional(isString),
  index: optional(isInteger),
})

const CHUNKS: Readonly<Record<string, Check>> = {
  text: objectOf({ text: isString }),
  image_url: objectOf({ image_url: stringOrObject }),
  document_url: objectOf({ document_url: isString }),
  file: objectOf({ file_id: isString }),
  input_audio: objectOf({ input_audio: stringOrObject }),
  reference: objectOf({ reference_ids: listOf(() => []) }),
  thinking: objectOf({
    thinking: listOf(objectOf({ type: isString })),
    signature: nullable(isString),
    closed: optional((value, path) =>
      typeof value === 'boolean' ? [] : [`${path} must be a boolean`],
    ),
  }),
}

/** A kind that is unknown passes. */
const chunk: Check = (value, path) => {
  const type = isObject(value) ? value['type'] : undefined
  if (typeof type !== 'string') return [`${path}.type must be a string`]
  return Object.hasOwn(CHUNKS, type) ? (CHUNKS[type]?.(value, path) ?? []) : []
}

const content = nullable((value, path) =>
  typeof value === 'string' ? [] : listOf(chunk)(value, path),
)

const message = objectOf({ content, tool_calls: nullable(listOf(call)) })
const usage = objectOf({
  prompt_tokens: isInteger,
  completion_tokens: isInteger,
  total_tokens: isInteger,
})

const answer = objectOf({
  id: isString,
  object: isString,
  model: isString,
  created: isInteger,
  usage,
  choices: listOf(
    objectOf({ index: isInteger, message: optional(message), finish_reason: isString }),
  ),
})

/** The key must be there, null or not. */
const finishKey: Check = (value, path) =>
  value === null || typeof value === 'string' ? [] : [`${path} must be null or a string`]

const piece = objectOf({
  id: isString,
  model: isString,
  object: optional(isString),
  created: optional(isInteger),
  usage: optional(usage),
  choices: listOf(objectOf({ index: isInteger, delta: message, finish_reason: finishKey })),
})

const models = objectOf({
  data: listOf(
    objectOf({
      id: isString,
      capabilities: objectOf({}),
      type: (value, path) =>
        value === 'base' || value === 'fine-tuned' ? [] : [`${path} must be base or fine-tuned`],
    }),
  ),
})

export function faultsOfAnswer(body: Json | undefined): readonly string[] {
  return answer(body, 'answer')
}

export function faultsOfModels(body: Json): readonly string[] {
  return models(body, 'models')
}

/** Of a stream that went well: every chunk by itself, the order of a choice, counts at the end, `[DONE]` and nothing after it. */
export function faultsOfStream(frames: readonly Frame[]): readonly string[] {
  const spoken = frames.filter((frame) => frame.data !== '')
  const chunks = spoken.slice(0, -1).map((frame) => tryParseJson(frame.data))
  return [
    ...(spoken.at(-1)?.data === '[DONE]' ? [] : ['the last frame must be [DONE]']),
    ...chunks.flatMap((chunk, at) => piece(chunk, `chunks[${at}]`)),
    ...chunks.flatMap((chunk, at) => {
      const counted = isObject(chunk) && chunk['usage'] !== undefined
      return counted && at !== chunks.length - 1 ? [`chunks[${at}] must not count yet`] : []
    }),
    ...faultsOfOrder(chunks.filter((chunk) => isObject(chunk))),
  ]
}

/** A choice opens with its role, says nothing after its reason, and has one. */
function faultsOfOrder(chunks: readonly JsonObject[]): readonly string[] {
  const states = new Map<Json, 'open' | 'ended'>()
  const faults: string[] = []
  for (const choice of chunks.flatMap(({ choices }) => (isArray(choices) ? choices : []))) {
    if (!isObject(choice)) continue
    const { index = null, delta, finish_reason: finish } = choice
    const state = states.get(index)
    const role = isObject(delta) ? delta['role'] : undefined
    if (state === undefined && role !== 'assistant')
      faults.push(`choice ${String(index)}: no role first`)
    if (state === 'ended') faults.push(`choice ${String(index)}: speaks after its end`)
    states.set(index, finish === null ? 'open' : 'ended')
  }
  for (const [index, state] of states) {
    if (state === 'open') faults.push(`choice ${String(index)}: never ends`)
  }
  return faults
}
