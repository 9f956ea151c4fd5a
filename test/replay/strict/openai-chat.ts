// What OpenAI's Chat Completions API refuses: unknown parameters, calls without results, parts where text must be.
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
import { checkObjectSchema } from './schema.ts'

const FIELDS = words(`
  messages model max_completion_tokens max_tokens temperature top_p n stop presence_penalty
  frequency_penalty logit_bias logprobs top_logprobs seed response_format tools tool_choice
  parallel_tool_calls stream stream_options reasoning_effort verbosity modalities audio
  prediction store metadata service_tier user safety_identifier prompt_cache_key
  prompt_cache_options prompt_cache_retention moderation web_search_options functions
  function_call
`)
const NAME = /^[A-Za-z0-9_-]{1,64}$/

/** `host`: fields of assistant messages that a compatible host takes beyond the vendor's. */
export function checkOpenaiChat(request: SeenRequest, host: readonly string[] = []): void {
  if (!/^Bearer ./.test(request.headers.authorization ?? '')) refuse('authorization', 'missing')
  const body = object(request.json, 'body')
  only(body, '', FIELDS)
  const model = filledString(body['model'], 'model')
  if (/^(?:o\d|gpt-5)/.test(model) && body['max_tokens'] !== undefined) {
    refuse('max_tokens', "is not supported with this model. Use 'max_completion_tokens' instead.")
  }
  numberWithin(body['temperature'], 'temperature', { min: 0, max: 2 })
  numberWithin(body['max_completion_tokens'], 'max_completion_tokens', { min: 1, max: 128_000 })
  numberWithin(body['top_logprobs'], 'top_logprobs', { min: 0, max: 20 })
  if (isArray(body['stop']) && body['stop'].length > 4) refuse('stop', 'array too long')
  if (body['stream_options'] !== undefined && body['stream'] !== true) {
    refuse('stream_options', 'is only allowed when stream is enabled')
  }
  checkTools(body)
  checkFormat(body['response_format'])
  checkMessages(filled(body['messages'], 'messages'), host)
}

function checkTools(body: JsonObject): void {
  const names = listOrAbsent(body['tools'], 'tools').map((item, at) => {
    const path = `tools[${at}]`
    const tool = object(item, path)
    const type = oneOf(tool['type'], `${path}.type`, ['function', 'custom'])
    only(tool, path, ['type', type])
    const inner = object(tool[type], `${path}.${type}`)
    only(inner, `${path}.${type}`, ['name', 'description', 'parameters', 'strict', 'format'])
    if (inner['strict'] === true) {
      checkObjectSchema(inner['parameters'], `${path}.function.parameters`, {
        closed: true,
        complete: true,
      })
    }
    return matching(inner['name'], `${path}.${type}.name`, NAME)
  })
  const choice = body['tool_choice']
  if (names.length === 0) {
    for (const field of ['tool_choice', 'parallel_tool_calls']) {
      if (body[field] !== undefined) refuse(field, 'is only allowed when tools are specified')
    }
  }
  if (typeof choice === 'string') oneOf(choice, 'tool_choice', ['none', 'auto', 'required'])
  else if (choice !== undefined) {
    oneOf(object(choice, 'tool_choice')['type'], 'tool_choice.type', [
      'function',
      'custom',
      'allowed_tools',
    ])
  }
}

function checkFormat(value: Json | undefined): void {
  if (value === undefined) return
  const format = object(value, 'response_format')
  const types = ['text', 'json_object', 'json_schema']
  if (oneOf(format['type'], 'response_format.type', types) !== 'json_schema') return
  const path = 'response_format.json_schema'
  const schema = object(format['json_schema'], path)
  only(schema, path, ['name', 'description', 'schema', 'strict'])
  matching(schema['name'], `${path}.name`, NAME)
  const strict = schema['strict'] === true
  checkObjectSchema(schema['schema'], `${path}.schema`, { closed: strict, complete: strict })
}

const MESSAGE_FIELDS: Readonly<Record<string, readonly string[]>> = {
  developer: ['content', 'name'],
  system: ['content', 'name'],
  user: ['content', 'name'],
  // The SDK's own runner sends its helper's messages back, with `parsed` in them.
  assistant: words('content name refusal audio tool_calls function_call annotations parsed'),
  // `name` is not in the specification, but was in the vendor's own examples for long, and is taken.
  tool: ['content', 'tool_call_id', 'name'],
}
const PARTS: Readonly<Record<string, readonly string[]>> = {
  user: ['text', 'image_url', 'input_audio', 'file'],
  assistant: ['text', 'refusal'],
}

function checkMessages(messages: readonly Json[], host: readonly string[]): void {
  const open = new OpenCalls()
  for (const [at, item] of messages.entries()) {
    const path = `messages[${at}]`
    const message = object(item, path)
    const role = oneOf(message['role'], `${path}.role`, Object.keys(MESSAGE_FIELDS))
    only(message, path, [
      'role',
      ...(MESSAGE_FIELDS[role] ?? []),
      ...(role === 'assistant' ? host : []),
    ])
    if (role === 'tool') {
      const id = string(message['tool_call_id'], `${path}.tool_call_id`)
      if (id.length > 40) refuse(`${path}.tool_call_id`, 'string too long, maximum length 40')
      open.result(id, path)
    } else open.done(path)
    const calls = listOrAbsent(message['tool_calls'], `${path}.tool_calls`)
    checkContent(message['content'], { path, role, optional: calls.length > 0 })
    for (const [index, call] of calls.entries())
      checkCall(call, `${path}.tool_calls[${index}]`, open)
  }
  open.done('messages')
}

function checkCall(value: Json, path: string, open: OpenCalls): void {
  const call = object(value, path)
  only(call, path, ['id', 'type', 'function', 'custom'])
  const type = oneOf(call['type'], `${path}.type`, ['function', 'custom'])
  const id = filledString(call['id'], `${path}.id`)
  if (id.length > 40) refuse(`${path}.id`, 'string too long, maximum length 40')
  open.call(id, path)
  const inner = object(call[type], `${path}.${type}`)
  matching(inner['name'], `${path}.${type}.name`, NAME)
  string(inner[type === 'function' ? 'arguments' : 'input'], `${path}.${type}.arguments`)
}

interface ContentRule {
  readonly path: string
  readonly role: string
  readonly optional: boolean
}

function checkContent(content: Json | undefined, { path, role, optional }: ContentRule): void {
  if (content === undefined || content === null) {
    if (role !== 'assistant' || !optional) refuse(`${path}.content`, 'expected a string, got null')
    return
  }
  if (typeof content === 'string') return
  for (const [at, item] of filled(content, `${path}.content`).entries()) {
    const here = `${path}.content[${at}]`
    const part = object(item, here)
    const type = oneOf(part['type'], `${here}.type`, PARTS[role] ?? ['text'])
    if (type === 'image_url') {
      const image = object(part['image_url'], `${here}.image_url`)
      only(image, `${here}.image_url`, ['url', 'detail'])
      imageAddress(image['url'], `${here}.image_url.url`)
    } else if (type === 'text') string(part['text'], `${here}.text`)
  }
}
