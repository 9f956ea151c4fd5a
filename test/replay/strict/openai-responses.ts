// What OpenAI's Responses API refuses: unknown parameters, items without their other half, reasoning that is not its own.
import { type Json, type JsonObject, isObject } from '../../../src/wire/json.ts'
import type { SeenRequest } from '../../fake-upstream.ts'
import { sign } from '../signature.ts'
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
  model input instructions max_output_tokens temperature top_p top_logprobs tools
  tool_choice parallel_tool_calls max_tool_calls text reasoning include store
  previous_response_id conversation truncation context_management background stream
  stream_options prompt metadata user safety_identifier service_tier prompt_cache_key
  prompt_cache_options prompt_cache_retention moderation
`)
const NAME = /^[A-Za-z0-9_-]{1,128}$/

export function checkOpenaiResponses(request: SeenRequest): void {
  if (!/^Bearer ./.test(request.headers.authorization ?? '')) refuse('authorization', 'missing')
  const body = object(request.json, 'body')
  only(body, '', FIELDS)
  filledString(body['model'], 'model')
  numberWithin(body['max_output_tokens'], 'max_output_tokens', { min: 16, max: 128_000 })
  numberWithin(body['temperature'], 'temperature', { min: 0, max: 2 })
  if (body['instructions'] !== undefined && body['instructions'] !== null) {
    string(body['instructions'], 'instructions')
  }
  checkTools(body)
  checkText(body['text'])
  if (body['reasoning'] !== undefined) {
    const fields = ['effort', 'summary', 'mode', 'context', 'generate_summary']
    only(object(body['reasoning'], 'reasoning'), 'reasoning', fields)
  }
  if (typeof body['input'] === 'string') return
  checkItems(filled(body['input'], 'input'), body['store'] !== false)
}

function checkTools(body: JsonObject): void {
  for (const [at, item] of listOrAbsent(body['tools'], 'tools').entries()) {
    const path = `tools[${at}]`
    const tool = object(item, path)
    if (tool['type'] !== 'function') continue
    only(tool, path, ['type', 'name', 'description', 'parameters', 'strict'])
    matching(tool['name'], `${path}.name`, NAME)
    if (tool['strict'] === true) {
      checkObjectSchema(tool['parameters'], `${path}.parameters`, { closed: true, complete: true })
    }
  }
  const choice = body['tool_choice']
  if (typeof choice === 'string') oneOf(choice, 'tool_choice', ['none', 'auto', 'required'])
  else if (isObject(choice) && choice['type'] === 'function') {
    matching(choice['name'], 'tool_choice.name', NAME)
  }
}

function checkText(value: Json | undefined): void {
  if (value === undefined) return
  const text = object(value, 'text')
  only(text, 'text', ['format', 'verbosity'])
  if (text['format'] === undefined) return
  const format = object(text['format'], 'text.format')
  const types = ['text', 'json_object', 'json_schema']
  if (oneOf(format['type'], 'text.format.type', types) !== 'json_schema') return
  only(format, 'text.format', ['type', 'name', 'schema', 'strict', 'description'])
  matching(format['name'], 'text.format.name', /^[A-Za-z0-9_-]{1,64}$/)
  const strict = format['strict'] === true
  checkObjectSchema(format['schema'], 'text.format.schema', { closed: strict, complete: strict })
}

function checkItems(items: readonly Json[], stored: boolean): void {
  const open = new OpenCalls()
  for (const [at, value] of items.entries()) {
    const path = `input[${at}]`
    const item = object(value, path)
    switch (item['type'] ?? 'message') {
      case 'message':
        checkMessage(item, path)
        break
      case 'function_call':
        only(item, path, ['type', 'id', 'call_id', 'name', 'arguments', 'status', 'namespace'])
        checkItemId(item, path, 'fc_')
        matching(item['name'], `${path}.name`, NAME)
        string(item['arguments'], `${path}.arguments`)
        open.call(callId(item, path), path)
        break
      case 'function_call_output':
        checkOutput(item, path)
        open.result(callId(item, path), path)
        break
      case 'reasoning':
        checkReasoning(item, path, stored)
        checkFollower(items[at + 1], path)
        break
      default:
        refuse(`${path}.type`, `Invalid value: '${String(item['type'])}'`)
    }
  }
  open.done('input')
}

function callId(item: JsonObject, path: string): string {
  const id = filledString(item['call_id'], `${path}.call_id`)
  return id.length > 64 ? refuse(`${path}.call_id`, 'string too long, maximum length 64') : id
}

function checkItemId(item: JsonObject, path: string, prefix: string): void {
  if (item['id'] === undefined) return
  const id = string(item['id'], `${path}.id`)
  if (!id.startsWith(prefix)) refuse(`${path}.id`, `Expected an ID that begins with '${prefix}'`)
}

function checkOutput(item: JsonObject, path: string): void {
  only(item, path, ['type', 'id', 'call_id', 'output', 'status', 'name', 'namespace'])
  if (typeof item['output'] === 'string') return
  for (const [at, part] of filled(item['output'], `${path}.output`).entries()) {
    const types = ['input_text', 'input_image', 'input_file']
    oneOf(object(part, `${path}.output[${at}]`)['type'], `${path}.output[${at}].type`, types)
  }
}

/** Reasoning is understood by its encrypted form, which must be as it was given. */
function checkReasoning(item: JsonObject, path: string, stored: boolean): void {
  only(item, path, ['type', 'id', 'summary', 'content', 'encrypted_content', 'status'])
  checkItemId(item, path, 'rs_')
  const summary = item['summary']
  if (!Array.isArray(summary)) refuse(`${path}.summary`, 'Missing required parameter')
  const sealed = item['encrypted_content']
  if (sealed === undefined || sealed === null) {
    return stored ? undefined : refuse(path, `Item with id '${String(item['id'])}' not found`)
  }
  const text = summary.map((part) => string(object(part, path)['text'], `${path}.summary`)).join('')
  if (sealed !== sign('openai', text)) {
    refuse(`${path}.encrypted_content`, 'The encrypted content could not be verified')
  }
}

function checkFollower(next: Json | undefined, path: string): void {
  const type = isObject(next) ? (next['type'] ?? 'message') : undefined
  const made =
    type === 'function_call' ||
    type === 'reasoning' ||
    (isObject(next) && next['role'] === 'assistant')
  if (!made)
    refuse(path, "Item of type 'reasoning' was provided without its required following item")
}

const PARTS: Readonly<Record<string, readonly string[]>> = {
  user: ['input_text', 'input_image', 'input_file'],
  system: ['input_text', 'input_image', 'input_file'],
  developer: ['input_text', 'input_image', 'input_file'],
  assistant: ['output_text', 'refusal'],
}

function checkMessage(item: JsonObject, path: string): void {
  only(item, path, ['type', 'id', 'role', 'content', 'status', 'phase'])
  const role = oneOf(item['role'], `${path}.role`, Object.keys(PARTS))
  checkItemId(item, path, 'msg_')
  if (typeof item['content'] === 'string') return
  for (const [at, value] of filled(item['content'], `${path}.content`).entries()) {
    const here = `${path}.content[${at}]`
    const part = object(value, here)
    const type = oneOf(part['type'], `${here}.type`, PARTS[role] ?? [])
    if (type === 'input_image' && part['file_id'] === undefined) {
      imageAddress(part['image_url'], `${here}.image_url`)
    }
    if (type === 'input_text' || type === 'output_text') string(part['text'], `${here}.text`)
  }
}
