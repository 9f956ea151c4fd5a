// What a sequence of chunks amounts to, worked out without the dialect's own code, for its tests.
import { type Json, type JsonObject, isArray, isObject } from '../../wire/json.ts'

function isSilent(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === '') return true
  if (isArray(value)) return value.length === 0
  return isObject(value) && Object.keys(value).length === 0
}

function told(source: JsonObject, without: readonly string[]): JsonObject {
  return Object.fromEntries(
    Object.entries(source).filter(([key, value]) => !without.includes(key) && !isSilent(value)),
  )
}

interface Said {
  content: JsonObject[]
  calls: JsonObject[]
  more: JsonObject
  finish: Json
}

/** A string is a text chunk; texts and thinking grow until something else comes or the thinking is closed. */
function grow(said: Said, content: Json | undefined): void {
  const chunks: readonly Json[] =
    typeof content === 'string'
      ? [{ type: 'text', text: content }]
      : isArray(content)
        ? content
        : []
  for (const chunk of chunks) if (isObject(chunk)) add(said.content, chunk)
}

function add(content: JsonObject[], chunk: JsonObject): void {
  const { type } = chunk
  const last = content.at(-1)
  const key = type === 'thinking' ? 'thinking' : 'text'
  const text = textIn(chunk[key])
  const grows = (type === 'text' || type === 'thinking') && text !== undefined
  if (!grows) {
    content.push(chunk)
    return
  }
  const rest = told(chunk, ['type', key])
  if (text === '' && Object.keys(rest).length === 0) return
  if (last?.['type'] !== type || (type === 'thinking' && last['closed'] === true)) {
    content.push({ type, [key]: text, ...rest })
    return
  }
  content[content.length - 1] = { ...last, ...rest, [key]: `${String(last[key])}${text}` }
}

/** Undefined for a list that holds more than texts. */
function textIn(value: Json | undefined): string | undefined {
  if (typeof value === 'string') return value
  if (!isArray(value)) return undefined
  const texts = value.map((entry) => (isObject(entry) ? entry['text'] : undefined))
  return texts.every((text) => typeof text === 'string') ? texts.join('') : undefined
}

/** A piece with an empty name goes on with the call of its index. */
function call(calls: JsonObject[], piece: JsonObject): void {
  const { id = null, index = null, type: _, function: callee, ...rest } = piece
  const { name, arguments: said, ...beside } = isObject(callee) ? callee : {}
  const text = typeof said === 'string' ? said : isObject(said) ? JSON.stringify(said) : ''
  const at = calls.findIndex((one) => one['index'] === index)
  const known = calls[at]
  if (known !== undefined && isSilent(name)) {
    calls[at] = { ...known, arguments: `${String(known['arguments'])}${text}` }
  } else calls.push({ id, index, name: name ?? null, arguments: text, ...beside, ...rest })
}

export function assembleChunks(frames: readonly Json[]): Json {
  const head = {}
  let usage: Json = null
  let error: Json = null
  const choices = new Map<number, Said>()
  for (const frame of frames) {
    if (!isObject(frame)) continue
    if (frame['object'] === 'error') {
      error = frame['message'] ?? null
      break
    }
    const { choices: list, usage: now } = frame
    if (isObject(now)) usage = now
    Object.assign(head, told(frame, ['choices', 'usage', 'p', 'created']))
    for (const choice of isArray(list) ? list : []) {
      if (!isObject(choice)) continue
      const { index, delta, finish_reason: finish, ...rest } = choice
      const at = typeof index === 'number' ? index : 0
      const said: Said = choices.get(at) ?? { content: [], calls: [], more: {}, finish: null }
      choices.set(at, said)
      const { content, tool_calls: calls, ...more } = isObject(delta) ? delta : {}
      grow(said, content)
      for (const piece of isArray(calls) ? calls : []) if (isObject(piece)) call(said.calls, piece)
      said.more = { ...said.more, ...told({ ...rest, ...more }, ['role', 'index']) }
      said.finish = finish ?? said.finish
    }
  }
  return {
    ...head,
    usage,
    error,
    choices: [...choices]
      .toSorted(([left], [right]) => left - right)
      .map(([index, { content, calls, more, finish }]) => {
        return { index, content, calls, more, finish: error === null ? finish : null }
      }),
  }
}
