// What the chunks of a stream amount to, independently of the codecs: text run together, counts added to those known, everything else as it was said last.
import { type Json, type JsonObject, ObjectReader, isObject } from '../../wire/json.ts'

interface Assembled {
  readonly parts: Json[]
  rest: JsonObject
}

/** Adds chunks up as a client does. Pieces of arguments are left out: the whole call counts. */
export function assembleChunks(chunks: readonly Json[]): Json {
  const candidates = new Map<number, Assembled>()
  const rest: Record<string, Json | undefined> = {}
  for (const chunk of chunks) {
    const { candidates: list, ...others } = ObjectReader.of(chunk, '').source
    const counts = Object.assign({}, rest['usageMetadata'], others['usageMetadata'])
    Object.assign(rest, others)
    if (Object.keys(counts).length > 0) rest['usageMetadata'] = counts
    const items = ObjectReader.of({ list }, '').optionalItems('list') ?? []
    for (const [at, item] of items.entries()) add(candidates, item.value, at)
  }
  return { ...rest, candidates: [...candidates].map(([index, one]) => ({ index, ...one })) }
}

function add(candidates: Map<number, Assembled>, value: Json, at: number): void {
  const { index = at, content, ...others } = ObjectReader.of(value, '').source
  const known = candidates.get(Number(index)) ?? { parts: [], rest: {} }
  candidates.set(Number(index), known)
  known.rest = { ...known.rest, ...others }
  const parts = isObject(content) ? ObjectReader.of(content, '').optionalItems('parts') : undefined
  for (const part of parts ?? []) addPart(known.parts, part.value)
}

function addPart(parts: Json[], value: Json): void {
  const { text, thought, thoughtSignature, ...others } = ObjectReader.of(value, '').source
  const bare = Object.keys(others).length === 0 && thoughtSignature === undefined
  const before = parts.at(-1)
  if (bare && text === '') return
  const runsOn =
    bare &&
    isObject(before) &&
    typeof before['text'] === 'string' &&
    before['thoughtSignature'] === undefined &&
    before['thought'] === thought
  if (runsOn)
    parts[parts.length - 1] = { ...before, text: `${String(before['text'])}${String(text)}` }
  else parts.push(value)
}
