// What Mistral's chat API refuses: unknown fields (422), the order of roles, ids that are not nine letters and digits.
import { type Json, type JsonObject, isArray } from '../../../src/wire/json.ts'
import type { SeenRequest } from '../../fake-upstream.ts'
import {
  OpenCalls,
  filled,
  filledString,
  imageAddress,
  listOrAbsent,
  matching,
  numberWithin,
  object,
  oneOf,
  only,
  refuse,
  string,
  words,
} from '../violation.ts'

const FIELDS = words(`
  model messages temperature top_p max_tokens stream stop random_seed presence_penalty
  frequency_penalty n metadata response_format tools tool_choice parallel_tool_calls
  prediction reasoning_effort prompt_mode safe_prompt guardrails prompt_cache_key
`)
const CALL_ID = /^[a-zA-Z0-9]{9}$/
const NAME = /^[A-Za-z0-9_-]{1,64}$/

export function checkMistralChat(request: SeenRequest): void {
  if (!/^Bearer ./.test(request.headers.authorization ?? '')) refuse('authorization', 'missing')
  const body = object(request.json, 'body')
  only(body, '', FIELDS)
  filledString(body['model'], 'model')
  numberWithin(body['temperature'], 'temperature', { min: 0, max: 1.5 })
  numberWithin(body['max_tokens'], 'max_tokens', { min: 0, max: 1_000_000 })
  if (body['reasoning_effort'] !== undefined) {
    const efforts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh']
    oneOf(body['reasoning_effort'], 'reasoning_effort', efforts)
  }
  checkTools(body)
  checkFormat(body['response_format'])
  checkMessages(filled(body['messages'], 'messages'))
}

function checkTools(body: JsonObject): void {
  for (const [at, item] of listOrAbsent(body['tools'], 'tools').entries()) {
    const path = `tools.${at}`
    const tool = object(item, path)
    if (tool['type'] !== undefined && tool['type'] !== 'function') continue
    only(tool, path, ['type', 'function'])
    const inner = object(tool['function'], `${path}.function`)
    only(inner, `${path}.function`, ['name', 'description', 'parameters', 'strict'])
    matching(inner['name'], `${path}.function.name`, NAME)
    object(inner['parameters'], `${path}.function.parameters`)
  }
  const choice = body['tool_choice']
  if (typeof choice === 'string') oneOf(choice, 'tool_choice', ['auto', 'none', 'any', 'required'])
}

function checkFormat(value: Json | undefined): void {
  if (value === undefined) return
  const format = object(value, 'response_format')
  only(format, 'response_format', ['type', 'json_schema'])
  const types = ['text', 'json_object', 'json_schema']
  if (oneOf(format['type'], 'response_format.type', types) !== 'json_schema') return
  const schema = object(format['json_schema'], 'response_format.json_schema')
  only(schema, 'response_format.json_schema', ['name', 'description', 'schema', 'strict'])
  filledString(schema['name'], 'response_format.json_schema.name')
  object(schema['schema'], 'response_format.json_schema.schema')
}

const MESSAGE_FIELDS: Readonly<Record<string, readonly string[]>> = {
  system: ['content'],
  user: ['content'],
  assistant: ['content', 'tool_calls', 'prefix'],
  tool: ['content', 'tool_call_id', 'name'],
}

function checkMessages(items: readonly Json[]): void {
  const open = new OpenCalls()
  const messages = items.map((item, at) => object(item, `messages.${at}`))
  for (const [at, message] of messages.entries()) {
    const path = `messages.${at}`
    const role = oneOf(message['role'], `${path}.role`, Object.keys(MESSAGE_FIELDS))
    only(message, path, ['role', ...(MESSAGE_FIELDS[role] ?? [])])
    checkContent(message['content'], `${path}.content`)
    if (role === 'tool') open.result(string(message['tool_call_id'], `${path}.tool_call_id`), path)
    else open.done(path)
    const calls = isArray(message['tool_calls']) ? message['tool_calls'] : []
    if (role === 'assistant' && calls.length === 0 && isEmpty(message['content'])) {
      refuse(path, 'Assistant message must have either content or tool_calls, but not none.')
    }
    for (const [index, call] of calls.entries())
      checkCall(call, `${path}.tool_calls.${index}`, open)
    checkOrder(messages[at - 1]?.['role'], role, path)
  }
  open.done('messages')
  const last = messages.at(-1)
  const ends = last?.['role'] === 'user' || last?.['role'] === 'tool' || last?.['prefix'] === true
  if (!ends) refuse('messages', 'Expected last role User or Tool (or Assistant with prefix True)')
}

function checkOrder(before: Json | undefined, role: string, path: string): void {
  const broken =
    (role === 'assistant' && before === 'assistant') ||
    (role === 'tool' && before !== 'assistant' && before !== 'tool')
  if (broken) refuse(path, `Unexpected role '${role}' after role '${String(before)}'`)
}

function isEmpty(content: Json | undefined): boolean {
  return (
    content === undefined ||
    content === null ||
    content === '' ||
    (isArray(content) && content.length === 0)
  )
}

function checkCall(value: Json, path: string, open: OpenCalls): void {
  const call = object(value, path)
  only(call, path, ['id', 'type', 'function', 'index'])
  const id = string(call['id'], `${path}.id`)
  if (!CALL_ID.test(id)) {
    refuse(path, `Tool call id was ${id} but must be a-z, A-Z, 0-9, with a length of 9.`)
  }
  open.call(id, path)
  const inner = object(call['function'], `${path}.function`)
  matching(inner['name'], `${path}.function.name`, NAME)
  if (typeof inner['arguments'] !== 'string')
    object(inner['arguments'], `${path}.function.arguments`)
}

const CHUNKS = ['text', 'image_url', 'document_url', 'file', 'input_audio', 'reference', 'thinking']

function checkContent(content: Json | undefined, path: string): void {
  if (content === undefined || content === null || typeof content === 'string') return
  for (const [at, item] of filled(content, path).entries()) {
    const here = `${path}.${at}`
    const chunk = object(item, here)
    const type = oneOf(chunk['type'], `${here}.type`, CHUNKS)
    if (type === 'text') string(chunk['text'], `${here}.text`)
    if (type === 'thinking') {
      only(chunk, here, ['type', 'thinking', 'signature', 'closed'])
      filled(chunk['thinking'], `${here}.thinking`)
    }
    if (type !== 'image_url') continue
    const image = chunk['image_url']
    imageAddress(
      typeof image === 'string' ? image : object(image, here)['url'],
      `${here}.image_url`,
    )
  }
}
