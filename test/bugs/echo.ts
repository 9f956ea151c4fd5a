// A client that goes on with a conversation: it sends back what it was told, as it was told, and the result of the call in it.
import { assembleChunks } from '../../src/dialects/openai-chat/assembled-chunks.contract.ts'
import { type Json, type JsonObject, isArray, isObject } from '../../src/wire/json.ts'
import type { Id } from './protocols.ts'
import { dig } from './switchboard.ts'

/** The second request's body, after a whole answer that called a tool. */
export function echo(from: Id, answer: Json | undefined): JsonObject {
  switch (from) {
    case 'openai-chat':
    case 'mistral-chat': {
      const message = dig(answer, 'choices.0.message') ?? null
      const id = dig(message, 'tool_calls.0.id') ?? null
      const result = { role: 'tool', tool_call_id: id, name: 'f', content: 'ok' }
      return { messages: [{ role: 'user', content: 'go' }, message, result] }
    }
    case 'openai-responses': {
      const output = list(dig(answer, 'output'))
      const id = output.map((item) => dig(item, 'call_id')).find((one) => one !== undefined) ?? null
      const result = { type: 'function_call_output', call_id: id, output: 'ok' }
      return { input: [{ role: 'user', content: 'go' }, ...output, result] }
    }
    case 'anthropic-messages': {
      const content = list(dig(answer, 'content'))
      const id = content.map((block) => dig(block, 'id')).find((one) => one !== undefined) ?? null
      const result = { type: 'tool_result', tool_use_id: id, content: 'ok' }
      const said = { role: 'assistant', content }
      return {
        messages: [{ role: 'user', content: 'go' }, said, { role: 'user', content: [result] }],
      }
    }
    case 'gemini': {
      const said = dig(answer, 'candidates.0.content') ?? null
      const functionResponse = { name: 'f', response: { output: 'ok' } }
      return {
        contents: [
          { role: 'user', parts: [{ text: 'go' }] },
          said,
          { role: 'user', parts: [{ functionResponse }] },
        ],
      }
    }
    case 'ollama': {
      const message = dig(answer, 'message') ?? null
      const result = { role: 'tool', tool_name: 'f', content: 'ok' }
      return { messages: [{ role: 'user', content: 'go' }, message, result] }
    }
  }
}

function list(value: Json | undefined): readonly Json[] {
  return isArray(value) ? value : []
}

/** The whole answer that a client has put together from a stream, as the vendor's own library does. */
export function assembled(from: Id, frames: readonly Json[]): Json | undefined {
  switch (from) {
    case 'openai-chat': {
      const said = dig(assembleChunks(frames), 'choices.0.delta')
      return { choices: [{ message: { role: 'assistant', ...(isObject(said) ? said : {}) } }] }
    }
    case 'gemini': {
      const parts = frames.flatMap((frame) => list(dig(frame, 'candidates.0.content.parts')))
      return { candidates: [{ content: { role: 'model', parts } }] }
    }
    case 'openai-responses':
      return dig(frames.at(-1), 'response')
    default:
      throw new Error(`Nothing puts a stream of ${from} together here.`)
  }
}
