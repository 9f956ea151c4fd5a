// A chat request and its body: every field of the protocol, the unknown ones kept as they came.
import { compact } from '../../canonical/compact.ts'
import type { ChatRequest, Sampling } from '../../canonical/request.ts'
import { type JsonObject, ObjectReader, isArray } from '../../wire/json.ts'
import type { WireRequest } from '../../wire/message.ts'
import type { Profile, RequestCodec } from '../dialect.ts'
import { overlay } from '../leftovers.ts'
import { leftovers } from './extension.ts'
import { type Flags, flagsOf } from './flags.ts'
import { decodeMessages, encodeMessages } from './messages.ts'
import { decodeOutput, encodeOutput } from './output.ts'
import { NUMBER_FIELDS } from './sampling-fields.ts'
import { decodeThinking, encodeThinking } from './thinking.ts'
import { decodeToolChoice, decodeTools, encodeToolChoice, encodeTools } from './tools.ts'
import { OPENAI_CHAT } from './wire-types.ts'

export const request: RequestCodec = { decode, encode }

function decode(wire: WireRequest): ChatRequest {
  const reader = ObjectReader.of(wire.body, '')
  const model = reader.string('model')
  const turns = decodeMessages(reader.items('messages'))
  const tools = decodeTools(reader)
  const toolChoice = decodeToolChoice(reader)
  const limit = decodeLimit(reader)
  const stop = decodeStop(reader)
  const output = decodeOutput(reader)
  const streamOptions = reader.optionalObject('stream_options')
  const streaming = reader.optionalBoolean('stream')
  const user = decodeUser(reader)
  const settings = compact({
    tools,
    toolChoice,
    parallelToolCalls: reader.optionalBoolean('parallel_tool_calls'),
    maxOutputTokens: limit.tokens,
    reasoning: decodeThinking(reader),
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
    origin: { dialect: OPENAI_CHAT },
    model,
    turns,
    ...settings,
    ...compact({ output: output.output }),
    sampling: { ...decodeSampling(reader), ...compact({ stop: stop.strings }) },
    stream: {
      enabled: streaming === true,
      ...compact({ includeUsage: streamOptions?.optionalBoolean('include_usage') }),
    },
    ...leftovers.kept(reader, {
      nested: { stream_options: streamOptions, ...output.nested },
      shape: {
        maxTokens: limit.spelled,
        stop: stop.spelled,
        user: user.spelled,
        stream: streaming === false ? 'false' : undefined,
        ...output.shape,
      },
    }),
  }
}

function section<T extends object>(values: T): ReturnType<typeof compact<T>> | undefined {
  const said = compact(values)
  return Object.keys(said).length === 0 ? undefined : said
}

/** Of two limits the newer counts; the older one stays as it came. */
function decodeLimit(reader: ObjectReader): {
  readonly tokens?: number
  readonly spelled?: 'max_tokens'
} {
  const tokens = reader.optionalNumber('max_completion_tokens')
  if (tokens !== undefined) return { tokens }
  const older = reader.optionalNumber('max_tokens')
  return older === undefined ? {} : { tokens: older, spelled: 'max_tokens' }
}

function decodeStop(reader: ObjectReader): {
  readonly strings?: readonly string[]
  readonly spelled?: 'string'
} {
  const value = reader.peek('stop')
  if (isArray(value) && value.length === 0) return {}
  if (typeof value === 'string') return { strings: [reader.string('stop')], spelled: 'string' }
  return compact({ strings: reader.optionalStrings('stop') })
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
  const numbers = Object.fromEntries(
    NUMBER_FIELDS.map(([key, field]) => [key, reader.optionalNumber(field)]),
  )
  // Together asks with a number here; that stays as it came.
  const logprobs =
    typeof reader.peek('logprobs') === 'boolean' ? reader.optionalBoolean('logprobs') : undefined
  return compact({ ...numbers, logprobs, logitBias: reader.optionalObject('logit_bias')?.source })
}

function encode(chat: ChatRequest, profile: Profile): WireRequest {
  const flags = flagsOf(profile)
  const shape = leftovers.shapeOf(chat)
  const { tools, toolChoice, output, reasoning, caching, identity, service } = chat
  const own: JsonObject = {
    model: chat.model,
    messages: encodeMessages(chat.turns, flags),
    ...encodeSampling(chat.sampling, shape),
    ...(tools === undefined ? {} : encodeTools(tools, flags)),
    ...(toolChoice === undefined ? {} : encodeToolChoice(toolChoice, tools ?? [], flags)),
    ...(output === undefined ? {} : encodeOutput(output, shape, flags)),
    ...(reasoning === undefined ? {} : encodeThinking(reasoning, flags)),
    ...compact({
      parallel_tool_calls: flags.parallelToolCalls ? chat.parallelToolCalls : undefined,
      prompt_cache_key: caching?.key,
      prompt_cache_retention: caching?.retention,
      metadata: identity?.metadata,
      service_tier: service?.tier,
      store: service?.store,
    }),
    ...encodeUser(chat, shape),
    ...encodeStream(chat, shape, flags),
  }
  const body = overlay(leftovers.fieldsOf(chat), own)
  return {
    method: 'POST',
    path: '/chat/completions',
    headers: {},
    body: withoutFields({ ...body, ...encodeLimit(chat, shape, flags) }, flags),
  }
}

function encodeSampling(sampling: Sampling, shape: JsonObject): JsonObject {
  const { stop, logprobs, logitBias } = sampling
  const single = shape['stop'] === 'string' && stop?.length === 1
  return compact({
    ...Object.fromEntries(NUMBER_FIELDS.map(([key, field]) => [field, sampling[key]])),
    stop: single ? stop[0] : stop,
    logprobs,
    logit_bias: logitBias,
  })
}

function encodeUser({ identity }: ChatRequest, shape: JsonObject): JsonObject {
  if (identity?.user === undefined) return {}
  return { [shape['user'] === 'safety_identifier' ? 'safety_identifier' : 'user']: identity.user }
}

/** One limit only, unless a client sent two and the host's taste is unknown. */
function encodeLimit(chat: ChatRequest, shape: JsonObject, flags: Flags): JsonObject {
  const { maxOutputTokens } = chat
  if (maxOutputTokens === undefined) return {}
  const spelled = shape['maxTokens'] === 'max_tokens' ? 'max_tokens' : 'max_completion_tokens'
  if (flags.maxTokensField === undefined) return { [spelled]: maxOutputTokens }
  return {
    max_tokens: undefined,
    max_completion_tokens: undefined,
    [flags.maxTokensField]: maxOutputTokens,
  }
}

function encodeStream(chat: ChatRequest, shape: JsonObject, flags: Flags): JsonObject {
  const { enabled, includeUsage } = chat.stream
  const streaming = enabled
    ? { stream: true }
    : shape['stream'] === 'false'
      ? { stream: false }
      : {}
  const foreign = chat.origin.dialect !== OPENAI_CHAT
  const wanted = flags.streamUsage ?? (foreign ? 'include_usage' : 'as-came')
  const asked = enabled && wanted === 'include_usage' ? true : includeUsage
  // OpenAI answers 400 to stream options without a stream; a client of this wire that says so is told so.
  const unsaid = asked === undefined || wanted === 'none' || (foreign && !enabled)
  return {
    ...streaming,
    ...(unsaid ? {} : { stream_options: { include_usage: asked } }),
  }
}

/** What the host refuses is left out, whoever put it there; `lower` has noted it. */
function withoutFields(body: JsonObject, flags: Flags): JsonObject {
  const gone = new Set(flags.unsupportedFields)
  if (flags.streamUsage === 'none') gone.add('stream_options')
  return Object.fromEntries(
    Object.entries(body).filter(([key, value]) => value !== undefined && !gone.has(key)),
  )
}
