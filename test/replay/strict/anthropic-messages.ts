// What Anthropic's Messages API refuses: fields, order of turns, calls and results, thinking and its signatures.
import { type Json, type JsonObject, isArray, isObject } from '../../../src/wire/json.ts'
import type { SeenRequest } from '../../fake-upstream.ts'
import { sign } from '../signature.ts'
import {
  OpenCalls,
  base64,
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

const FIELDS = [
  'model',
  'max_tokens',
  'messages',
  'system',
  'temperature',
  'top_p',
  'top_k',
  'stop_sequences',
  'stream',
  'tools',
  'tool_choice',
  'thinking',
  'output_config',
  'metadata',
  'service_tier',
  'cache_control',
  'container',
  'inference_geo',
]
const TOOL_FIELDS = words(`
  type name description input_schema strict cache_control eager_input_streaming input_examples
  defer_loading allowed_callers
`)
const CALL_ID = /^[A-Za-z0-9_-]+$/
const UNKNOWN_KEYWORDS = [
  'minimum',
  'maximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'pattern',
  'maxItems',
  'uniqueItems',
  'not',
  'oneOf',
]

export function checkAnthropicMessages(request: SeenRequest): void {
  if (request.headers['x-api-key'] === undefined) refuse('x-api-key', 'header is required')
  if (request.headers['anthropic-version'] === undefined) {
    refuse('anthropic-version', 'header is required')
  }
  const body = object(request.json, 'body')
  only(body, '', FIELDS)
  filledString(body['model'], 'model')
  if (typeof body['max_tokens'] !== 'number') refuse('max_tokens', 'Field required')
  numberWithin(body['max_tokens'], 'max_tokens', { min: 1, max: 128_000 })
  numberWithin(body['temperature'], 'temperature', { min: 0, max: 1 })
  numberWithin(body['top_p'], 'top_p', { min: 0, max: 1 })
  for (const stop of listOrAbsent(body['stop_sequences'], 'stop_sequences')) {
    if (string(stop, 'stop_sequences').trim() === '') {
      refuse('stop_sequences', 'each stop sequence must contain non-whitespace')
    }
  }
  checkSystem(body['system'])
  checkTools(body)
  checkThinking(body)
  checkOutput(body['output_config'])
  checkTurns(filled(body['messages'], 'messages'), thinkingIsOn(body))
  const marks = request.text.split('"cache_control"').length - 1
  if (marks > 4) refuse('cache_control', `A maximum of 4 blocks may have it. Found ${marks}.`)
}

function checkSystem(system: Json | undefined): void {
  if (system === undefined || typeof system === 'string') return
  for (const [at, block] of filled(system, 'system').entries()) {
    const path = `system.${at}`
    only(object(block, path), path, ['type', 'text', 'cache_control', 'citations'])
    filledString(object(block, path)['text'], `${path}.text`)
  }
}

function checkTools(body: JsonObject): void {
  const names = new Set<string>()
  for (const [at, item] of listOrAbsent(body['tools'], 'tools').entries()) {
    const path = `tools.${at}`
    const tool = object(item, path)
    if (tool['type'] !== undefined && tool['type'] !== 'custom') continue
    only(tool, path, TOOL_FIELDS)
    const name = matching(tool['name'], `${path}.name`, /^[A-Za-z0-9_-]{1,128}$/)
    if (names.has(name)) refuse('tools', 'Tool names must be unique.')
    names.add(name)
    const schema = object(tool['input_schema'], `${path}.input_schema`)
    if (schema['type'] !== 'object') refuse(`${path}.input_schema.type`, "Input should be 'object'")
  }
  if (body['tool_choice'] === undefined) return
  const choice = object(body['tool_choice'], 'tool_choice')
  const type = oneOf(choice['type'], 'tool_choice.type', ['auto', 'any', 'tool', 'none'])
  if (names.size === 0 && body['tools'] === undefined) {
    refuse('tool_choice', 'may only be specified while providing tools')
  }
  if (type === 'tool' && !names.has(string(choice['name'], 'tool_choice.name'))) {
    refuse('tool_choice.name', `Tool '${String(choice['name'])}' not found in provided tools`)
  }
  if ((type === 'any' || type === 'tool') && thinkingIsOn(body)) {
    refuse('tool_choice', 'Thinking may not be enabled when tool_choice forces tool use.')
  }
}

function thinkingIsOn(body: JsonObject): boolean {
  return isObject(body['thinking']) && body['thinking']['type'] === 'enabled'
}

function checkThinking(body: JsonObject): void {
  if (body['thinking'] === undefined) return
  const thinking = object(body['thinking'], 'thinking')
  const type = oneOf(thinking['type'], 'thinking.type', ['enabled', 'disabled', 'adaptive'])
  only(
    thinking,
    'thinking',
    type === 'enabled' ? ['type', 'budget_tokens', 'display'] : ['type', 'display'],
  )
  if (type !== 'enabled') return
  const budget = thinking['budget_tokens']
  numberWithin(budget, 'thinking.enabled.budget_tokens', { min: 1024, max: 128_000 })
  if (typeof budget !== 'number' || budget >= Number(body['max_tokens'])) {
    refuse('max_tokens', 'must be greater than `thinking.budget_tokens`')
  }
  if (body['temperature'] !== undefined && body['temperature'] !== 1) {
    refuse('temperature', 'may only be set to 1 when thinking is enabled')
  }
  if (body['top_k'] !== undefined) refuse('top_k', 'must be unset when thinking is enabled')
}

function checkOutput(value: Json | undefined): void {
  if (value === undefined) return
  const config = object(value, 'output_config')
  only(config, 'output_config', ['effort', 'format'])
  if (config['format'] === undefined) return
  const format = object(config['format'], 'output_config.format')
  only(format, 'output_config.format', ['type', 'schema'])
  oneOf(format['type'], 'output_config.format.type', ['json_schema'])
  checkObjectSchema(format['schema'], 'output_config.format.schema', {
    unknown: UNKNOWN_KEYWORDS,
    closed: true,
  })
}

function checkTurns(messages: readonly Json[], thinks: boolean): void {
  const open = new OpenCalls()
  const turns = messages.map((item, at) => {
    const message = object(item, `messages.${at}`)
    only(message, `messages.${at}`, ['role', 'content'])
    const role = oneOf(message['role'], `messages.${at}.role`, ['user', 'assistant'])
    return { role, blocks: blocksOf(message['content'], `messages.${at}.content`) }
  })
  if (turns[0]?.role !== 'user') refuse('messages', 'first message must use the "user" role')
  for (const [at, { role, blocks }] of turns.entries()) {
    const path = `messages.${at}.content`
    if (role === 'assistant') open.done(path)
    const firstOther = blocks.findIndex((block) => block['type'] !== 'tool_result')
    for (const [index, block] of blocks.entries()) {
      const here = `${path}.${index}`
      checkBlock(block, here, role)
      if (block['type'] === 'tool_use') open.call(string(block['id'], `${here}.id`), here)
      if (block['type'] !== 'tool_result') continue
      if (firstOther !== -1 && index > firstOther) {
        refuse(here, 'tool_result blocks must come before other content')
      }
      open.result(matching(block['tool_use_id'], `${here}.tool_use_id`, CALL_ID), here)
    }
    if (role === 'user') open.done(path)
  }
  open.done('messages')
  const last = turns.at(-1)
  const lastText = last?.blocks.at(-1)?.['text']
  if (
    last?.role === 'assistant' &&
    typeof lastText === 'string' &&
    lastText !== lastText.trimEnd()
  ) {
    refuse('messages', 'final assistant content cannot end with trailing whitespace')
  }
  if (thinks) checkThinkingFirst(turns)
}

/** With thinking enabled, the turns of a tool loop that goes on begin with the thinking that led to their calls. */
function checkThinkingFirst(
  turns: readonly { readonly role: string; readonly blocks: readonly JsonObject[] }[],
): void {
  const question = turns.findLastIndex(
    ({ role, blocks }) =>
      role === 'user' && blocks.some((block) => block['type'] !== 'tool_result'),
  )
  const loop = turns.slice(question + 1).filter(({ role }) => role === 'assistant')
  const type = loop.at(0)?.blocks[0]?.['type']
  if (type !== undefined && type !== 'thinking' && type !== 'redacted_thinking') {
    refuse(
      'messages',
      `Expected \`thinking\` or \`redacted_thinking\`, but found \`${String(type)}\``,
    )
  }
}

function blocksOf(content: Json | undefined, path: string): readonly JsonObject[] {
  if (typeof content === 'string') {
    if (content.trim() === '') refuse(path, 'text content blocks must be non-empty')
    return [{ type: 'text', text: content }]
  }
  return filled(content, path).map((block, at) => object(block, `${path}.${at}`))
}

const BLOCK_FIELDS: Readonly<Record<string, readonly string[]>> = {
  text: ['text', 'citations', 'cache_control'],
  image: ['source', 'cache_control', 'transformations'],
  document: ['source', 'title', 'context', 'citations', 'cache_control'],
  thinking: ['thinking', 'signature'],
  redacted_thinking: ['data'],
  tool_use: ['id', 'name', 'input', 'cache_control', 'caller'],
  tool_result: ['tool_use_id', 'content', 'is_error', 'cache_control'],
}
const OF_ASSISTANT = ['text', 'thinking', 'redacted_thinking', 'tool_use']
const OF_USER = ['text', 'image', 'document', 'tool_result']

function checkBlock(block: JsonObject, path: string, role: string): void {
  const type = oneOf(block['type'], `${path}.type`, role === 'user' ? OF_USER : OF_ASSISTANT)
  only(block, path, ['type', ...(BLOCK_FIELDS[type] ?? [])])
  if (type === 'text' && string(block['text'], `${path}.text`).trim() === '') {
    refuse(path, 'text content blocks must contain non-whitespace text')
  }
  if (type === 'image') checkImage(object(block['source'], `${path}.source`), `${path}.source`)
  if (type === 'tool_use') {
    matching(block['id'], `${path}.id`, CALL_ID)
    matching(block['name'], `${path}.name`, /^[A-Za-z0-9_-]{1,200}$/)
    object(block['input'], `${path}.input`)
  }
  if (type === 'thinking') {
    const thinking = string(block['thinking'], `${path}.thinking`)
    if (block['signature'] !== sign('anthropic', thinking)) {
      refuse(path, 'Invalid `signature` in `thinking` block')
    }
  }
  if (type === 'tool_result' && isArray(block['content'])) {
    for (const [at, inner] of block['content'].entries()) {
      const here = object(inner, `${path}.content.${at}`)
      oneOf(here['type'], `${path}.content.${at}.type`, [
        'text',
        'image',
        'document',
        'search_result',
      ])
    }
  }
}

function checkImage(source: JsonObject, path: string): void {
  const type = oneOf(source['type'], `${path}.type`, ['base64', 'url', 'file'])
  if (type === 'url') imageAddress(source['url'], `${path}.url`)
  if (type !== 'base64') return
  only(source, path, ['type', 'media_type', 'data'])
  const media = ['image/jpeg', 'image/png', 'image/gif', 'image/webp']
  oneOf(source['media_type'], `${path}.media_type`, media)
  base64(source['data'], `${path}.data`)
}
