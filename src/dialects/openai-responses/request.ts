// A request and its body: every field of the protocol, the unknown ones kept as they came.
import { compact } from '../../canonical/compact.ts'
import type { ChatRequest, Sampling, Turn } from '../../canonical/request.ts'
import type { Tool } from '../../canonical/tool.ts'
import { type JsonObject, ObjectReader, isArray, isObject } from '../../wire/json.ts'
import type { WireRequest } from '../../wire/message.ts'
import type { Profile, RequestCodec } from '../dialect.ts'
import { leftOf, overlay } from '../leftovers.ts'
import { leftovers } from './extension.ts'
import { type Flags, flagsOf } from './flags.ts'
import { findingsOf } from './hosted-tools.ts'
import { decodeInput, encodeInput } from './input.ts'
import { decodeReasoningControl, encodeReasoningControl } from './reasoning-control.ts'
import { encodeStore } from './storage.ts'
import { decodeText, encodeText } from './text-settings.ts'
import { decodeToolChoice, encodeToolChoice } from './tool-choice.ts'
import { decodeTools, encodeTools } from './tools.ts'
import { OPENAI_RESPONSES } from './wire-types.ts'

export const request: RequestCodec = { decode, encode }

/** What `include` asks for; it stays as it came beside what the model has of it. */
const LOGPROBS = 'message.output_text.logprobs'
const ENCRYPTED = 'reasoning.encrypted_content'

function decode(wire: WireRequest): ChatRequest {
  const reader = ObjectReader.of(wire.body, '')
  const template = isObject(reader.peek('prompt')) && !reader.has('model')
  const model = template ? '' : reader.string('model')
  const instructions = reader.optionalString('instructions')
  const input = decodeWhole(reader)
  const text = decodeText(reader)
  const user = decodeUser(reader)
  const streaming = reader.optionalBoolean('stream')
  const settings = compact({
    tools: offeredTools(reader),
    toolChoice: decodeToolChoice(reader),
    parallelToolCalls: reader.optionalBoolean('parallel_tool_calls'),
    maxHostedCalls: reader.optionalNumber('max_tool_calls'),
    maxOutputTokens: reader.optionalNumber('max_output_tokens'),
    output: text.output,
    reasoning: decodeReasoningControl(reader),
    caching: section({
      key: reader.optionalString('prompt_cache_key'),
      retention: reader.optionalString('prompt_cache_retention'),
    }),
    identity: section({ user: user.id, metadata: reader.optionalObject('metadata')?.source }),
    service: section({
      tier: reader.optionalString('service_tier'),
      store: reader.optionalBoolean('store'),
    }),
  })
  return {
    origin: { dialect: OPENAI_RESPONSES },
    model,
    turns: [...instructionTurns(instructions), ...input.turns],
    ...settings,
    sampling: decodeSampling(reader),
    stream: { enabled: streaming === true },
    ...leftovers.keptFields(leftOf(reader, text.readers), {
      input: input.spelled,
      model: template ? 'absent' : undefined,
      user: user.spelled,
      stream: streaming === false ? 'false' : undefined,
    }),
  }
}

function section<T extends object>(values: T): ReturnType<typeof compact<T>> | undefined {
  const said = compact(values)
  return Object.keys(said).length === 0 ? undefined : said
}

function instructionTurns(text: string | undefined): readonly Turn[] {
  if (text === undefined) return []
  const parts = text === '' ? [] : [{ type: 'text' as const, text }]
  return [{ role: 'system', place: 'top', parts }]
}

function decodeWhole(reader: ObjectReader): {
  readonly turns: readonly Turn[]
  readonly spelled?: 'string' | 'absent'
} {
  if (isArray(reader.peek('input'))) return { turns: decodeInput(reader.items('input')) }
  const stateful = ['previous_response_id', 'conversation', 'prompt'].some((key) => reader.has(key))
  const text = stateful ? reader.optionalString('input') : reader.string('input')
  if (text === undefined) return { turns: [], spelled: 'absent' }
  return { turns: [{ role: 'user', parts: [{ type: 'text', text }] }], spelled: 'string' }
}

function offeredTools(reader: ObjectReader): readonly Tool[] | undefined {
  const items = reader.optionalItems('tools')
  return items === undefined ? undefined : decodeTools(items)
}

function decodeUser(reader: ObjectReader): {
  readonly id?: string
  readonly spelled?: 'safety_identifier'
} {
  const id = reader.optionalString('user')
  if (id !== undefined) return { id }
  const newer = reader.optionalString('safety_identifier')
  return newer === undefined ? {} : { id: newer, spelled: 'safety_identifier' }
}

function decodeSampling(reader: ObjectReader): Sampling {
  const include = reader.peek('include')
  return compact({
    temperature: reader.optionalNumber('temperature'),
    topP: reader.optionalNumber('top_p'),
    topLogprobs: reader.optionalNumber('top_logprobs'),
    logprobs: isArray(include) && include.includes(LOGPROBS) ? true : undefined,
  })
}

function encode(chat: ChatRequest, profile: Profile): WireRequest {
  return {
    method: 'POST',
    path: '/responses',
    headers: {},
    body: encodeBody(chat, flagsOf(profile)),
  }
}

function encodeBody(chat: ChatRequest, flags: Flags): JsonObject {
  const shape = leftovers.shapeOf(chat)
  const { sampling, tools, toolChoice, caching, identity, service } = chat
  const fields = leftovers.fieldsOf(chat)
  return overlay(fields, {
    ...(shape['model'] === 'absent' && chat.model === '' ? {} : { model: chat.model }),
    ...encodeTurns(chat.turns, shape),
    ...compact({
      tools: tools === undefined ? undefined : encodeTools(tools),
      tool_choice: toolChoice === undefined ? undefined : encodeToolChoice(toolChoice, tools ?? []),
      parallel_tool_calls: chat.parallelToolCalls,
      max_tool_calls: chat.maxHostedCalls,
      max_output_tokens: chat.maxOutputTokens,
      temperature: sampling.temperature,
      top_p: sampling.topP,
      top_logprobs: sampling.topLogprobs,
      prompt_cache_key: caching?.key,
      prompt_cache_retention: caching?.retention,
      metadata: identity?.metadata,
      service_tier: service?.tier,
      store: encodeStore(chat),
    }),
    ...encodeText(chat.output),
    ...encodeReasoningControl(chat.reasoning),
    ...encodeUser(chat, shape),
    ...encodeInclude(chat, flags),
    ...encodeStream(chat, shape),
  })
}

const PARAGRAPH = '\n\n'

/** `{instructions, input}`. */
function encodeTurns(turns: readonly Turn[], shape: JsonObject): JsonObject {
  const top = turns.filter((turn) => turn.place === 'top')
  const others = turns.filter((turn) => turn.place !== 'top')
  const said = top
    .flatMap((turn) => turn.parts)
    .map((part) => (part.type === 'text' ? part.text : ''))
    .join(PARAGRAPH)
  return {
    ...(top.length === 0 ? {} : { instructions: said }),
    ...encodeWhole(others, shape['input']),
  }
}

function encodeWhole(turns: readonly Turn[], spelled: unknown): JsonObject {
  const [only, ...others] = turns
  if (only === undefined && spelled === 'absent') return {}
  const [part, ...more] = only?.parts ?? []
  const bare = others.length === 0 && more.length === 0 && part?.type === 'text'
  return { input: spelled === 'string' && bare ? part.text : encodeInput(turns) }
}

function encodeUser({ identity }: ChatRequest, shape: JsonObject): JsonObject {
  if (identity?.user === undefined) return {}
  return { [shape['user'] === 'safety_identifier' ? 'safety_identifier' : 'user']: identity.user }
}

/** Own requests say themselves what they want; others want to be able to give thinking back. */
function encodeInclude(chat: ChatRequest, flags: Flags): JsonObject {
  if (chat.origin.dialect === OPENAI_RESPONSES) return {}
  const { reasoning, sampling } = chat
  const thinks = reasoning !== undefined && reasoning.mode !== 'off' && reasoning.effort !== 'none'
  const include = [
    ...(thinks && flags.encryptedReasoning ? [ENCRYPTED] : []),
    ...(sampling.logprobs === true ? [LOGPROBS] : []),
    ...findingsOf(chat.tools ?? []),
  ]
  return include.length === 0 ? {} : { include }
}

function encodeStream(chat: ChatRequest, shape: JsonObject): JsonObject {
  if (chat.stream.enabled) return { stream: true }
  return shape['stream'] === 'false' ? { stream: false } : {}
}
