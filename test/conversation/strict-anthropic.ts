// Anthropic as strict as it is about thinking: every block with the signature it gave out, unmodified, first in its turn.
import { openUpstream } from '../fake-upstream.ts'
import { type JsonObject, isObject } from '../../src/wire/json.ts'
import {
  Ledger,
  Refused,
  type StrictUpstream,
  objectsIn,
  sse,
  strictly,
} from './strict-upstream.ts'

interface Message {
  readonly role: string
  readonly blocks: readonly JsonObject[]
}

export async function strictAnthropic(): Promise<StrictUpstream> {
  const ledger = new Ledger('anthropic')
  let calls = 0
  return strictly(await openUpstream(), ledger, {
    refusal: (message) => ({ type: 'error', error: { type: 'invalid_request_error', message } }),
    answer: (_, body) => {
      const messages = objectsIn(body['messages']).map(messageOf)
      for (const [at, message] of messages.entries()) checkThinking(ledger, message, at)
      const thinks = isObject(body['thinking']) && body['thinking']['type'] !== 'disabled'
      const loop = openLoop(messages)
      for (const { role, blocks } of loop) {
        if (role !== 'assistant' || !blocks.some(({ type }) => type === 'tool_use')) continue
        const first = String(blocks[0]?.['type'])
        if (thinks && !first.endsWith('thinking')) {
          throw new Refused(
            `Expected \`thinking\` or \`redacted_thinking\`, but found \`${first}\`. When thinking is enabled, a final assistant message must start with a thinking block.`,
          )
        }
      }
      const answering = messages.at(-1)?.blocks.some(({ type }) => type === 'tool_result') === true
      const thought = `Claude thinks, ${ledger.issued.length}.`
      const thinking = thinks
        ? [{ type: 'thinking', thinking: thought, signature: ledger.issue(thought) }]
        : []
      calls += 1
      const id = `toolu_${calls}`
      const said = answering
        ? [{ type: 'text', text: 'Claude has an answer.' }]
        : [{ type: 'tool_use', id, name: 'look', input: { at: calls } }]
      return answer(body, [...thinking, ...said], answering ? 'end_turn' : 'tool_use')
    },
  })
}

function messageOf({ role, content }: JsonObject): Message {
  const blocks =
    typeof content === 'string' ? [{ type: 'text', text: content }] : objectsIn(content)
  return { role: String(role), blocks }
}

function checkThinking(ledger: Ledger, { role, blocks }: Message, at: number): void {
  for (const [nth, block] of blocks.entries()) {
    const path = `messages.${at}.content.${nth}`
    if (block['type'] === 'redacted_thinking')
      throw new Refused(`${path}: Invalid \`data\` in \`redacted_thinking\` block`)
    if (block['type'] !== 'thinking') continue
    if (role !== 'assistant') throw new Refused(`${path}: thinking blocks are the assistant's`)
    ledger.accept(
      String(block['signature']),
      String(block['thinking']),
      `${path}: Invalid \`signature\` in \`thinking\` block`,
    )
    if (nth > 0) throw new Refused(`${path}: a thinking block must be first`)
  }
}

/** What follows the last message in which the user says something. */
function openLoop(messages: readonly Message[]): readonly Message[] {
  const start = messages.findLastIndex(
    ({ role, blocks }) => role === 'user' && blocks.every(({ type }) => type !== 'tool_result'),
  )
  return messages.slice(start + 1)
}

function answer(body: JsonObject, content: readonly JsonObject[], stop_reason: string) {
  const head = { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-sonnet-4-5' }
  const usage = { input_tokens: 1, output_tokens: 1 }
  if (body['stream'] !== true) {
    return {
      chunks: [JSON.stringify({ ...head, content, stop_reason, stop_sequence: null, usage })],
    }
  }
  return sse([
    {
      type: 'message_start',
      message: { ...head, content: [], stop_reason: null, stop_sequence: null, usage },
    },
    ...content.flatMap((block, index) => framesOf(block, index)),
    {
      type: 'message_delta',
      delta: { stop_reason, stop_sequence: null },
      usage: { output_tokens: 1 },
    },
    { type: 'message_stop' },
  ])
}

function framesOf(block: JsonObject, index: number): readonly JsonObject[] {
  const { type, text = '', thinking = '', signature = '', input = {} } = block
  const delta = (said: JsonObject): JsonObject => ({
    type: 'content_block_delta',
    index,
    delta: said,
  })
  const start = (content_block: JsonObject): JsonObject => ({
    type: 'content_block_start',
    index,
    content_block,
  })
  const stop = { type: 'content_block_stop', index }
  if (type === 'thinking') {
    return [
      start({ type, thinking: '', signature: '' }),
      delta({ type: 'thinking_delta', thinking }),
      delta({ type: 'signature_delta', signature }),
      stop,
    ]
  }
  if (type === 'tool_use') {
    return [
      start({ ...block, input: {} }),
      delta({ type: 'input_json_delta', partial_json: JSON.stringify(input) }),
      stop,
    ]
  }
  return [start({ type: 'text', text: '' }), delta({ type: 'text_delta', text }), stop]
}
