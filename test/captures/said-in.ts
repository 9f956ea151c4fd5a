// What a conversation says, read off its bare JSON without our codecs: so that a mistake of theirs cannot hide itself.
import { type Json, type JsonObject, isArray, isObject } from '../../src/wire/json.ts'
import type { Id } from '../bugs/protocols.ts'

interface SaidCall {
  readonly name: string
  readonly input: Json
}

/** In the order of the conversation. */
export interface Conversation {
  /** Of users and assistants. */
  readonly texts: readonly string[]
  readonly calls: readonly SaidCall[]
  readonly results: readonly Json[]
  /** The names of the functions that may be called. */
  readonly tools: readonly string[]
}

type Found = { readonly [K in keyof Conversation]: Conversation[K][number][] }

/** Of a client's body in its protocol. */
export function conversationIn(id: Id, body: Json): Conversation {
  const found: Found = { texts: [], calls: [], results: [], tools: [] }
  if (!isObject(body)) return found
  READERS[id](body, found)
  return found
}

const READERS: Readonly<Record<Id, (body: JsonObject, found: Found) => void>> = {
  'openai-chat': chatBody,
  'mistral-chat': chatBody,
  ollama: chatBody,
  'openai-responses': responsesBody,
  'anthropic-messages': messagesBody,
  gemini: geminiBody,
}

function chatBody(body: JsonObject, found: Found): void {
  if (typeof body['prompt'] === 'string') found.texts.push(body['prompt'])
  for (const message of objects(body['messages'])) {
    const { role, content } = message
    if (role === 'tool') found.results.push(resultOf(content))
    if (role === 'user' || role === 'assistant') found.texts.push(...textsOf(content))
    for (const call of objects(message['tool_calls'])) {
      const { name, arguments: input } = objectOf(call['function'])
      found.calls.push({ name: String(name), input: input ?? {} })
    }
  }
  for (const tool of objects(body['tools'])) named(objectOf(tool['function'])['name'], found)
}

function responsesBody(body: JsonObject, found: Found): void {
  const { input } = body
  if (typeof input === 'string') found.texts.push(input)
  for (const item of objects(input)) {
    const { type = 'message', role, content, name } = item
    if (type === 'message' && (role === 'user' || role === 'assistant')) {
      found.texts.push(...textsOf(content))
    }
    if (type === 'function_call') {
      found.calls.push({ name: String(name), input: item['arguments'] ?? {} })
    }
    if (type === 'function_call_output') found.results.push(resultOf(item['output']))
  }
  for (const tool of objects(body['tools']))
    if (tool['type'] === 'function') named(tool['name'], found)
}

function messagesBody(body: JsonObject, found: Found): void {
  for (const { role, content } of objects(body['messages'])) {
    if (role !== 'user' && role !== 'assistant') continue
    found.texts.push(...textsOf(content))
    for (const block of objects(content)) {
      if (block['type'] === 'tool_use') {
        found.calls.push({ name: String(block['name']), input: block['input'] ?? {} })
      }
      if (block['type'] === 'tool_result') found.results.push(resultOf(block['content']))
    }
  }
  for (const tool of objects(body['tools'])) {
    if (isObject(tool['input_schema'])) named(tool['name'], found)
  }
}

function geminiBody(body: JsonObject, found: Found): void {
  const { contents } = body
  for (const { parts } of isObject(contents) ? [contents] : objects(contents)) {
    for (const part of objects(parts)) {
      if (typeof part['text'] === 'string' && part['thought'] !== true)
        found.texts.push(part['text'])
      if (isObject(part['functionCall'])) {
        const { name, args } = part['functionCall']
        found.calls.push({ name: String(name), input: args ?? {} })
      }
      if (isObject(part['functionResponse'])) {
        found.results.push(part['functionResponse']['response'] ?? '')
      }
    }
  }
  const tools = isObject(body['tools']) ? [body['tools']] : objects(body['tools'])
  for (const tool of tools) {
    for (const { name } of objects(tool['functionDeclarations'])) named(name, found)
  }
}

/** A string, an object, or the texts among parts. */
function resultOf(content: Json | undefined): Json {
  return isArray(content) ? [...textsOf(content)] : (content ?? '')
}

function named(name: Json | undefined, found: Found): void {
  if (typeof name === 'string') found.tools.push(name)
}

/** A string, or the texts among parts of any kind. */
function textsOf(content: Json | undefined): readonly string[] {
  if (typeof content === 'string') return [content]
  return objects(content).flatMap(({ type, text }) =>
    typeof text === 'string' && /^(?:text|input_text|output_text)$/.test(String(type))
      ? [text]
      : [],
  )
}

function objects(value: Json | undefined): readonly JsonObject[] {
  return isArray(value) ? value.filter((item) => isObject(item)) : []
}

function objectOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {}
}
