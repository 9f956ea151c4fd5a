// The plain request and the plain answer that every probe adds one thing to, in no protocol's words and in each protocol's own.
import type { Part } from '../../src/canonical/part.ts'
import type { ChatRequest, Turn } from '../../src/canonical/request.ts'
import type { ChatResponse } from '../../src/canonical/response.ts'
import type { Spoken } from './probe.ts'

export function text(text: string): Part {
  return { type: 'text', text }
}

export function user(...parts: readonly (string | Part)[]): Turn {
  return {
    role: 'user',
    parts: parts.map((part) => (typeof part === 'string' ? text(part) : part)),
  }
}

export function assistant(...parts: readonly (string | Part)[]): Turn {
  return { ...user(...parts), role: 'assistant' }
}

export function call(
  name: string,
  json: Readonly<Record<string, string | number>>,
  callId: string = 'abcDEF123',
): Part {
  return {
    type: 'tool-call',
    callId,
    kind: 'function',
    name,
    arguments: { text: JSON.stringify(json), json },
  }
}

export function result(content: readonly Part[], callId: string = 'abcDEF123'): Part {
  return { type: 'tool-result', callId, content }
}

export const PLAIN_REQUEST: ChatRequest = {
  origin: { dialect: 'nobody' },
  model: 'm',
  turns: [user('Hello.')],
  sampling: {},
  maxOutputTokens: 1000,
  stream: { enabled: false },
}

export const PLAIN_ANSWER: ChatResponse = {
  origin: { dialect: 'nobody' },
  id: 'answer-1',
  model: 'm',
  createdMs: 1_700_000_000_000,
  candidates: [{ index: 0, parts: [text('Yes.')], finish: { reason: 'stop' } }],
  usage: { input: { total: 10 }, output: { total: 5 } },
}

const MESSAGES = [{ role: 'user', content: 'Hello.' }]

export const PLAIN_BODIES: Spoken = {
  'openai-chat': { model: 'm', messages: MESSAGES, max_completion_tokens: 1000 },
  'openai-responses': { model: 'm', input: 'Hello.', max_output_tokens: 1000 },
  'anthropic-messages': { model: 'm', messages: MESSAGES, max_tokens: 1000 },
  gemini: {
    contents: [{ role: 'user', parts: [{ text: 'Hello.' }] }],
    generationConfig: { maxOutputTokens: 1000 },
  },
  'mistral-chat': { model: 'm', messages: MESSAGES, max_tokens: 1000 },
  ollama: { model: 'm', messages: MESSAGES, options: { num_predict: 1000 }, stream: false },
}

export const PLAIN_ANSWERS: Spoken = {
  'openai-chat': {
    id: 'answer-1',
    object: 'chat.completion',
    created: 1_700_000_000,
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content: 'Yes.' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
  },
  'openai-responses': {
    id: 'answer-1',
    object: 'response',
    created_at: 1_700_000_000,
    model: 'm',
    status: 'completed',
    output: [
      {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text: 'Yes.', annotations: [] }],
      },
    ],
    usage: { input_tokens: 10, output_tokens: 5, total_tokens: 15 },
  },
  'anthropic-messages': {
    id: 'answer-1',
    type: 'message',
    role: 'assistant',
    model: 'm',
    content: [{ type: 'text', text: 'Yes.' }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 10, output_tokens: 5 },
  },
  gemini: {
    candidates: [
      { index: 0, content: { role: 'model', parts: [{ text: 'Yes.' }] }, finishReason: 'STOP' },
    ],
    usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 },
    modelVersion: 'm',
    responseId: 'answer-1',
  },
  'mistral-chat': {
    id: 'answer-1',
    object: 'chat.completion',
    created: 1_700_000_000,
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content: 'Yes.' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
  },
  ollama: {
    model: 'm',
    created_at: '2023-11-14T22:13:20Z',
    message: { role: 'assistant', content: 'Yes.' },
    done: true,
    done_reason: 'stop',
    prompt_eval_count: 10,
    eval_count: 5,
  },
}
