// The text that a client of a protocol would show, read off the answer without our codecs; and the form that the answer has.
import { type Json, isArray, isObject, parseJson } from '../../src/wire/json.ts'
import type { Id } from '../bugs/protocols.ts'

/** `sse`, `ndjson`, or one JSON value. */
export function valuesIn(contentType: string, text: string): readonly Json[] {
  if (contentType.startsWith('text/event-stream')) {
    return [...text.matchAll(/^data: (?<data>.*)$/gm)]
      .map(({ groups }) => groups?.['data'] ?? '')
      .filter((data) => data !== '[DONE]')
      .map((data) => parseJson(data))
  }
  if (contentType.startsWith('application/x-ndjson')) {
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => parseJson(line))
  }
  const json = parseJson(text)
  return isArray(json) ? json : [json]
}

/** Where the words stand in a whole answer and in the pieces of a stream; `*` is every place of a list. */
const PLACES: Readonly<Record<Id, readonly string[]>> = {
  'openai-chat': ['choices.*.message.content', 'choices.*.delta.content'],
  'mistral-chat': ['choices.*.message.content', 'choices.*.delta.content'],
  'openai-responses': ['output.*.content.*.text', 'delta'],
  'anthropic-messages': ['content.*.text', 'delta.text'],
  gemini: ['candidates.*.content.parts.*.text'],
  ollama: ['message.content', 'response'],
}

export function shownText(id: Id, values: readonly Json[]): string {
  return values
    .flatMap((value) => PLACES[id].flatMap((place) => stringsAt(value, place.split('.'))))
    .join('')
}

function stringsAt(value: Json | undefined, [key, ...rest]: readonly string[]): readonly string[] {
  if (key === undefined) return typeof value === 'string' ? [value] : []
  if (key === '*') return isArray(value) ? value.flatMap((item) => stringsAt(item, rest)) : []
  return isObject(value) ? stringsAt(value[key], rest) : []
}
