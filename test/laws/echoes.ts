// What an application sends back of an answer: the official clients' own objects, put into the next request as they are.
import type { Json, JsonObject } from '../../src/wire/json.ts'
import { isArray, isObject } from '../../src/wire/json.ts'

type Echo = (answer: JsonObject) => JsonObject

function at(value: Json | undefined, ...keys: readonly (string | number)[]): Json {
  let inner: Json | undefined = value
  for (const key of keys) {
    if (isArray(inner) && typeof key === 'number') inner = inner[key]
    else inner = isObject(inner) ? inner[key] : undefined
  }
  return inner ?? null
}

/** A request body that holds the answer as its history, after a question. */
export const ECHOES: Readonly<Record<string, Echo>> = {
  'openai-chat': (answer) => ({
    model: 'm',
    messages: [{ role: 'user', content: 'Hi' }, at(answer, 'choices', 0, 'message')],
  }),
  'openai-responses': (answer) => {
    const output = at(answer, 'output')
    return {
      model: 'm',
      input: [{ role: 'user', content: 'Hi' }, ...(isArray(output) ? output : [])],
    }
  },
  'anthropic-messages': (answer) => ({
    model: 'm',
    max_tokens: 99,
    messages: [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: at(answer, 'content') },
    ],
  }),
  gemini: (answer) => ({
    contents: [{ role: 'user', parts: [{ text: 'Hi' }] }, at(answer, 'candidates', 0, 'content')],
  }),
  'mistral-chat': (answer) => ({
    model: 'm',
    messages: [{ role: 'user', content: 'Hi' }, at(answer, 'choices', 0, 'message')],
  }),
  ollama: (answer) => ({
    model: 'm',
    messages: [{ role: 'user', content: 'Hi' }, at(answer, 'message')],
  }),
}
