// The suite that every dialect passes, over this one's own fixtures, and where it is served.
import { describe, expect, it } from 'vitest'
import { fixturesOf } from '../../../test/fixtures.ts'
import { type Json, type JsonObject, ObjectReader, isArray, isObject } from '../../wire/json.ts'
import { dialectContract } from '../dialect.contract.ts'
import { anthropicMessages } from './dialect.ts'

/** Adds the events up as the vendor's client does: a message, the events it does not know, an error. */
function assemble(frames: readonly Json[]): Json {
  let message: JsonObject = {}
  let error: Json = null
  const blocks: Record<string, Json>[] = []
  const others: Json[] = []
  for (const frame of frames) {
    const event = ObjectReader.of(frame, '')
    const { source } = event
    switch (event.string('type')) {
      case 'message_start':
        message = event.object('message').source
        break
      case 'content_block_start':
        expect(event.number('index')).toBe(blocks.length)
        blocks.push({ ...defined(event.object('content_block').source) })
        break
      case 'content_block_delta':
        apply(blocks[event.number('index')] ?? {}, event.object('delta'))
        break
      case 'message_delta': {
        const { delta, usage, type: _, ...beside } = source
        const counts = isObject(message['usage']) ? message['usage'] : {}
        message = {
          ...message,
          ...beside,
          ...Object(delta),
          usage: { ...counts, ...Object(usage) },
        }
        break
      }
      case 'error':
        error = event.object('error').source
        break
      case 'content_block_stop':
      case 'message_stop':
      case 'ping':
        break
      default:
        others.push(frame)
    }
  }
  return { message, blocks, others, error }
}

function defined(source: JsonObject): Record<string, Json> {
  return Object.fromEntries(Object.entries(source).map(([key, value]) => [key, value ?? null]))
}

function apply(block: Record<string, Json>, delta: ObjectReader): void {
  const add = (key: string, text: string): void => {
    const before = block[key]
    block[key] = (typeof before === 'string' ? before : '') + text
  }
  switch (delta.string('type')) {
    case 'text_delta':
      return add('text', delta.string('text'))
    case 'thinking_delta':
      return add('thinking', delta.string('thinking'))
    case 'input_json_delta':
      return add('json', delta.string('partial_json'))
    case 'citations_delta':
      block['cited'] = [
        ...(isArray(block['cited']) ? block['cited'] : []),
        delta.value('citation') ?? null,
      ]
      return
    default:
      Object.assign(block, delta.source)
  }
}

dialectContract({
  dialect: anthropicMessages,
  fixtures: fixturesOf('anthropic-messages'),
  assemble,
})

function endpointFor(operation: string, path: string) {
  return anthropicMessages.endpoints.find((one) => one.operation === operation && one.path === path)
}

describe('where the Messages protocol is served', () => {
  it('takes both spellings of the base URL', () => {
    for (const path of ['/v1/messages', '/messages', '/v1/v1/messages']) {
      expect(endpointFor('chat', path)?.method).toBe('POST')
      expect(endpointFor('chat', path)?.claims).toBeUndefined()
    }
  })

  it('claims the shared model list only from clients that name their version', () => {
    const list = endpointFor('models', '/v1/models')
    const one = endpointFor('model', '/v1/models/:model')
    for (const endpoint of [list, one]) {
      expect(
        endpoint?.claims?.({ path: '/', headers: { 'anthropic-version': '2026-10-21' } }),
      ).toBe(true)
      expect(endpoint?.claims?.({ path: '/', headers: { authorization: 'Bearer x' } })).toBe(false)
    }
  })
})
