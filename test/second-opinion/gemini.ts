// A generateContent answer, by its fact sheet alone: parts of a whole answer or of its chunks, in order.
import { type Json, type JsonObject, isArray, isObject } from '../../src/wire/json.ts'
import {
  type Heard,
  callLine,
  countAt,
  listAt,
  nothingHeard,
  objectAt,
  objectsIn,
  sumOf,
  textAt,
} from './heard.ts'

export function generateHeard(bytes: string): Heard {
  const heard = nothingHeard()
  const usage: Record<string, Json | undefined> = {}
  for (const chunk of objectsIn(bytes)) {
    Object.assign(usage, objectAt(chunk, 'usageMetadata'))
    const blocked = objectAt(chunk, 'promptFeedback')['blockReason']
    if (typeof blocked === 'string') heard.finish = blocked
    const candidate = listAt(chunk, 'candidates').find(({ index }) => (index ?? 0) === 0)
    if (candidate === undefined) continue
    const reason = candidate['finishReason']
    if (typeof reason === 'string') heard.finish = reason
    // As an SDK's object has it.
    if (reason === 1) heard.finish = 'STOP'
    for (const part of listAt(objectAt(candidate, 'content'), 'parts')) listen(heard, part)
  }
  const candidates = countAt(usage, 'candidatesTokenCount')
  const thoughts = countAt(usage, 'thoughtsTokenCount')
  heard.input = sumOf(countAt(usage, 'promptTokenCount'), countAt(usage, 'toolUsePromptTokenCount'))
  heard.output = sumOf(candidates, thoughts)
  heard.cached = countAt(usage, 'cachedContentTokenCount')
  heard.reasoning = thoughts
  return heard
}

function listen(heard: Heard, part: JsonObject): void {
  if (part['thought'] === true) heard.thoughts += textAt(part, 'text')
  else heard.text += textAt(part, 'text')
  const call = part['functionCall']
  if (!isObject(call)) return
  // A call in pieces: its first names it, the others add texts at the one place that they name.
  if (typeof call['name'] === 'string') heard.calls.push(callLine(call['name'], call['args']))
  for (const piece of listAt(call, 'partialArgs')) {
    const steps =
      textAt(piece, 'jsonPath')
        .match(/[^.[\]]+/g)
        ?.slice(1) ?? []
    const line = heard.calls.pop() ?? ''
    const space = line.indexOf(' ')
    const args: Json = JSON.parse(line.slice(space + 1))
    heard.calls.push(callLine(line.slice(0, space), added(args, steps, piece)))
  }
}

function added(value: Json | undefined, steps: readonly string[], piece: JsonObject): Json {
  const [step, ...rest] = steps
  if (step === undefined) {
    const whole = piece['numberValue'] ?? piece['boolValue']
    return whole ?? (typeof value === 'string' ? value : '') + textAt(piece, 'stringValue')
  }
  if (/^\d+$/.test(step)) {
    const list = isArray(value) ? [...value] : []
    list[Number(step)] = added(list[Number(step)], rest, piece)
    return list
  }
  const object = isObject(value) ? value : {}
  return { ...object, [step]: added(object[step], rest, piece) }
}
