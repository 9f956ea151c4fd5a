// OpenAI as strict as it is about encrypted reasoning: only its own, and right before the item that came of it.
import { openUpstream } from '../fake-upstream.ts'
import { type JsonObject, isArray } from '../../src/wire/json.ts'
import {
  Ledger,
  Refused,
  type StrictUpstream,
  objectsIn,
  sse,
  strictly,
} from './strict-upstream.ts'

export async function strictResponses(): Promise<StrictUpstream> {
  const ledger = new Ledger('openai')
  let calls = 0
  return strictly(await openUpstream(), ledger, {
    refusal: (message) => ({
      error: { message, type: 'invalid_request_error', param: 'input', code: null },
    }),
    answer: (_, body) => {
      const input = objectsIn(body['input'])
      checkInput(ledger, input)
      calls += 1
      const answering = String(input.at(-1)?.['type']).endsWith('_output')
      const id = `call_${calls}`
      const text = `OpenAI has answer ${calls}.`
      const sealed = ledger.issue(answering ? text : id)
      const reasoning = {
        id: `rs_${calls}`,
        type: 'reasoning',
        summary: [],
        encrypted_content: sealed,
      }
      const said = answering
        ? {
            id: `msg_${calls}`,
            type: 'message',
            role: 'assistant',
            status: 'completed',
            content: [{ type: 'output_text', text, annotations: [], logprobs: [] }],
          }
        : {
            id: `fc_${calls}`,
            type: 'function_call',
            status: 'completed',
            call_id: id,
            name: 'look',
            arguments: JSON.stringify({ at: calls }),
          }
      return answer(body, [reasoning, said])
    },
  })
}

function checkInput(ledger: Ledger, input: readonly JsonObject[]): void {
  const called = new Set<unknown>()
  for (const [at, item] of input.entries()) {
    if (item['type'] === 'function_call') called.add(item['call_id'])
    if (item['type'] === 'function_call_output' && !called.has(item['call_id'])) {
      throw new Refused(
        `No tool call found for function call output with call_id ${String(item['call_id'])}.`,
      )
    }
    if (item['type'] !== 'reasoning') continue
    const payload = String(item['encrypted_content'])
    if (!ledger.knows(payload)) {
      throw new Refused(`input[${at}]: The encrypted content could not be verified.`)
    }
    ledger.accept(
      payload,
      productOf(input[at + 1]),
      `Item 'rs' of type 'reasoning' was provided without its required following item (input[${at}]).`,
    )
  }
}

/** What an item is known by: the id of a call, the text of a message. */
function productOf(item: JsonObject | undefined): string {
  if (item?.['type'] === 'function_call') return String(item['call_id'])
  const content = item?.['content']
  if (typeof content === 'string') return content
  return isArray(content)
    ? objectsIn(content)
        .map(({ text }) => String(text))
        .join('')
    : ''
}

function answer(body: JsonObject, output: readonly JsonObject[]) {
  const usage = {
    input_tokens: 1,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: 1,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 2,
  }
  const response = {
    id: 'resp_1',
    object: 'response',
    created_at: 1,
    model: 'gpt-5.2',
    status: 'completed',
    error: null,
    incomplete_details: null,
    output,
    usage,
  }
  if (body['stream'] !== true) return { chunks: [JSON.stringify(response)] }
  const open = { ...response, status: 'in_progress', output: [], usage: null }
  const events: readonly JsonObject[] = [
    { type: 'response.created', response: open },
    ...output.flatMap((item, output_index) => itemEvents(item, output_index)),
    { type: 'response.completed', response },
  ]
  return sse(events.map((event, sequence_number) => ({ ...event, sequence_number })))
}

function itemEvents(item: JsonObject, output_index: number): readonly JsonObject[] {
  const place = { output_index, item_id: item['id'] ?? '' }
  const done = { type: 'response.output_item.done', output_index, item }
  const added = (more: JsonObject): JsonObject => ({
    type: 'response.output_item.added',
    output_index,
    item: { ...item, ...more },
  })
  if (item['type'] === 'function_call') {
    const text = String(item['arguments'])
    return [
      added({ arguments: '', status: 'in_progress' }),
      { type: 'response.function_call_arguments.delta', ...place, delta: text },
      { type: 'response.function_call_arguments.done', ...place, arguments: text },
      done,
    ]
  }
  if (item['type'] === 'reasoning') return [added({}), done]
  const [part = {}] = objectsIn(item['content'])
  const at = { ...place, content_index: 0 }
  return [
    added({ content: [], status: 'in_progress' }),
    { type: 'response.content_part.added', ...at, part: { ...part, text: '' } },
    { type: 'response.output_text.delta', ...at, delta: part['text'] ?? '', logprobs: [] },
    { type: 'response.output_text.done', ...at, text: part['text'] ?? '', logprobs: [] },
    { type: 'response.content_part.done', ...at, part },
    done,
  ]
}
