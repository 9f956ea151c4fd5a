// A chat request and its body: every field of the protocol, the unknown ones kept as they came.
import { compact } from '../../canonical/compact.ts'
import type { ChatRequest, Sampling } from '../../canonical/request.ts'
import { type JsonObject, ObjectReader, isArray } from '../../wire/json.ts'
import type { WireRequest } from '../../wire/message.ts'
import type { Profile, RequestCodec } from '../dialect.ts'
import { leftOf } from '../leftovers.ts'
import { leftovers } from './extension.ts'
import { flagsOf } from './flags.ts'
import { decodeMessages, encodeMessages } from './messages.ts'
import { decodeOutput, encodeOutput } from './output.ts'
import { decodeReasoning, encodeReasoning } from './reasoning-control.ts'
import { decodeToolChoice, decodeTools, encodeTool, encodeToolChoice } from './tools.ts'
import { MISTRAL_CHAT } from './wire-types.ts'

export const request: RequestCodec = { decode, encode }

/** Sampling settings that are numbers, and their names on the wire. */
const NUMBERS = [
  ['temperature', 'temperature'],
  ['topP', 'top_p'],
  ['seed', 'random_seed'],
  ['n', 'n'],
  ['presencePenalty', 'presence_penalty'],
  ['frequencyPenalty', 'frequency_penalty'],
] as const

export const SAMPLING_KEYS: readonly (keyof Sampling)[] = [...NUMBERS.map(([key]) => key), 'stop']

function decode(wire: WireRequest): ChatRequest {
  const reader = ObjectReader.of(wire.body, '')
  const model = reader.string('model')
  const turns = decodeMessages(reader.items('messages'))
  const stop = decodeStop(reader)
  const output = decodeOutput(reader)
  const streaming = reader.optionalBoolean('stream')
  const key = reader.optionalString('prompt_cache_key')
  const metadata = reader.optionalObject('metadata')?.source
  const settings = compact({
    tools: decodeTools(reader),
    toolChoice: decodeToolChoice(reader),
    parallelToolCalls: reader.optionalBoolean('parallel_tool_calls'),
    maxOutputTokens: reader.optionalNumber('max_tokens'),
    output: output.output,
    reasoning: decodeReasoning(reader),
    caching: key === undefined ? undefined : { key },
    identity: metadata === undefined ? undefined : { metadata },
  })
  // Off is what it is without the field: another wire loses nothing.
  const unsafe = reader.peek('safe_prompt') === false
  if (unsafe) reader.value('safe_prompt')
  const numbers = Object.fromEntries(
    NUMBERS.map(([key, field]) => [key, reader.optionalNumber(field)]),
  )
  return {
    origin: { dialect: MISTRAL_CHAT },
    model,
    turns,
    ...settings,
    sampling: compact({ ...numbers, stop: stop.strings }),
    stream: { enabled: streaming === true },
    ...leftovers.keptFields(leftOf(reader, output.nested), {
      stop: stop.spelled,
      safePrompt: unsafe ? false : undefined,
      stream: streaming === false ? 'false' : undefined,
    }),
  }
}

/** An empty list stays in the reader's rest. */
function decodeStop(reader: ObjectReader): {
  readonly strings?: readonly string[]
  readonly spelled?: 'string'
} {
  const value = reader.peek('stop')
  if (isArray(value) && value.length === 0) return {}
  if (typeof value === 'string') return { strings: [reader.string('stop')], spelled: 'string' }
  return compact({ strings: reader.optionalStrings('stop') })
}

function encode(chat: ChatRequest, profile: Profile): WireRequest {
  const { sampling, tools, toolChoice, output, reasoning } = chat
  const shape = leftovers.shapeOf(chat)
  const body = leftovers.printed(chat, {
    model: chat.model,
    messages: encodeMessages(chat.turns),
    ...compact({
      ...Object.fromEntries(NUMBERS.map(([key, field]) => [field, sampling[key]])),
      stop: encodeStop(sampling.stop, shape),
      max_tokens: chat.maxOutputTokens,
      tools: tools === undefined || tools.length === 0 ? undefined : tools.map(encodeTool),
      tool_choice: toolChoice === undefined ? undefined : encodeToolChoice(toolChoice),
      parallel_tool_calls: chat.parallelToolCalls,
      metadata: chat.identity?.metadata,
      prompt_cache_key: chat.caching?.key,
      safe_prompt: shape['safePrompt'],
    }),
    ...(output === undefined ? {} : encodeOutput(output)),
    ...(reasoning === undefined ? {} : encodeReasoning(reasoning, flagsOf(profile))),
    ...encodeStream(chat.stream.enabled, shape),
  })
  return { method: 'POST', path: '/chat/completions', headers: {}, body }
}

function encodeStop(
  stop: readonly string[] | undefined,
  shape: JsonObject,
): string | readonly string[] | undefined {
  if (stop === undefined || stop.length === 0) return undefined
  return shape['stop'] === 'string' && stop.length === 1 ? stop[0] : stop
}

function encodeStream(enabled: boolean, shape: JsonObject): JsonObject {
  if (enabled) return { stream: true }
  return shape['stream'] === 'false' ? { stream: false } : {}
}
