// What a client of each protocol sends back after an answer: the answer as it came, in its history, and the results it was asked for.
import type { ToolCallPart } from '../../src/canonical/part.ts'
import { type Json, type JsonObject, ObjectReader } from '../../src/wire/json.ts'
import { PLAIN_BODIES } from './plain-words.ts'

type Calls = readonly ToolCallPart[]

/** The body of the next request. */
export function nextRequest(dialect: string, answer: Json, calls: Calls): JsonObject {
  const body = ObjectReader.of(answer, 'answer')
  return { ...PLAIN_BODIES[dialect], ...HISTORIES[dialect]?.(body, calls) }
}

const HISTORIES: Readonly<Record<string, (answer: ObjectReader, calls: Calls) => JsonObject>> = {
  'openai-chat': (answer, calls) => ({
    messages: [QUESTION, messageIn(answer), ...afterwards(calls, chatResult)],
  }),
  'mistral-chat': (answer, calls) => ({
    messages: [QUESTION, messageIn(answer), ...afterwards(calls, chatResult)],
  }),
  ollama: (answer, calls) => ({
    messages: [
      QUESTION,
      answer.object('message').source,
      ...afterwards(calls, ({ name }) => ({ role: 'tool', tool_name: name, content: 'Rain.' })),
    ],
  }),
  'openai-responses': (answer, calls) => ({
    input: [
      QUESTION,
      ...answer.items('output').map(({ value }) => value),
      ...afterwards(calls, ({ callId }) => ({
        type: 'function_call_output',
        call_id: callId,
        output: 'Rain.',
      })),
    ],
  }),
  'anthropic-messages': (answer, calls) => ({
    messages: [
      QUESTION,
      { role: 'assistant', content: answer.items('content').map(({ value }) => value) },
      ...afterwards(calls, ({ callId }) => ({
        role: 'user',
        content: [{ type: 'tool_result', tool_use_id: callId, content: 'Rain.' }],
      })),
    ],
  }),
  gemini: (answer, calls) => ({
    contents: [
      { role: 'user', parts: [{ text: 'Weather?' }] },
      candidateIn(answer).object('content').source,
      ...(calls.length === 0
        ? [{ role: 'user', parts: [{ text: 'Sure?' }] }]
        : calls.map(({ callId, name }) => ({
            role: 'user',
            parts: [{ functionResponse: { id: callId, name, response: { output: 'Rain.' } } }],
          }))),
    ],
  }),
}

const QUESTION = { role: 'user', content: 'Weather?' }

function chatResult({ callId }: ToolCallPart): JsonObject {
  return { role: 'tool', tool_call_id: callId, content: 'Rain.' }
}

/** A result for each call; the next question where there are none. */
function afterwards(
  calls: Calls,
  result: (call: ToolCallPart) => JsonObject,
): readonly JsonObject[] {
  return calls.length === 0 ? [{ role: 'user', content: 'Sure?' }] : calls.map(result)
}

function messageIn(answer: ObjectReader): JsonObject {
  const [choice] = answer.items('choices')
  return ObjectReader.of(choice?.value, 'choice').object('message').source
}

function candidateIn(answer: ObjectReader): ObjectReader {
  const [candidate] = answer.items('candidates')
  return ObjectReader.of(candidate?.value, 'candidate')
}
