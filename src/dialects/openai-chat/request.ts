// A chat request and its body: every field of the protocol, the unknown ones kept as they came.
import { type Building, compact } from '../../canonical/compact.ts'
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
  const chat: Building<ChatRequest> = {
    origin: { dialect: OPENAI_CHAT },
    model,
    turns,
    sampling: {},
    stream: { enabled: false },
  }
  const tools = decodeTools(reader)
  if (tools !== undefined) chat.tools = tools
  const toolChoice = decodeToolChoice(reader)
  if (toolChoice !== undefined) chat.toolChoice = toolChoice
  const limit = decodeLimit(reader)
  if (limit.tokens !== undefined) chat.maxOutputTokens = limit.tokens
  const stop = decodeStop(reader)
  const output = decodeOutput(reader)
  if (output.output !== undefined) chat.output = output.output
  const streamOptions = reader.optionalObject('stream_options')
  const streaming = reader.optionalBoolean('stream')
  const user = decodeUser(reader)
  const parallel = reader.optionalBoolean('parallel_tool_calls')
  if (parallel !== undefined) chat.parallelToolCalls = parallel
  const reasoning = decodeThinking(reader)
  if (reasoning !== undefined) chat.reasoning = reasoning
  decodeSections(reader, user.id, chat)
  chat.sampling = decodeSampling(reader, stop.strings)
  const enabled = streaming === true
  const includeUsage = streamOptions?.optionalBoolean('include_usage')
  chat.stream = includeUsage === undefined ? { enabled } : { enabled, includeUsage }
  const { extensions } = leftovers.kept(reader, {
    nested: { stream_options: streamOptions, ...output.nested },
    shape: {
      maxTokens: limit.spelled,
      stop: stop.spelled,
      user: user.spelled,
      stream: streaming === false ? 'false' : undefined,
      ...output.shape,
    },
  })
  if (extensions !== undefined) chat.extensions = extensions
  return chat
}

/** What stands in groups in the model, and side by side on this wire. */
function decodeSections(
  reader: ObjectReader,
  user: string | undefined,
  chat: Building<ChatRequest>,
): void {
  const key = reader.optionalString('prompt_cache_key')
  const retention = reader.optionalString('prompt_cache_retention')
  if (key !== undefined || retention !== undefined) chat.caching = compact({ key, retention })
  const metadata = reader.optionalObject('metadata')?.source
  if (user !== undefined || metadata !== undefined) chat.identity = compact({ user, metadata })
  const tier = reader.optionalString('service_tier')
  const store = reader.optionalBoolean('store')
  if (tier !== undefined || store !== undefined) chat.service = compact({ tier, store })
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
  const strings = reader.optionalStrings('stop')
  return strings === undefined ? {} : { strings }
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

function decodeSampling(reader: ObjectReader, stop: readonly string[] | undefined): Sampling {
  const sampling: Building<Sampling> = {}
  for (const [key, field] of NUMBER_FIELDS) {
    const value = reader.optionalNumber(field)
    if (value !== undefined) sampling[key] = value
  }
  // Together asks with a number here; that stays as it came.
  const logprobs =
    typeof reader.peek('logprobs') === 'boolean' ? reader.optionalBoolean('logprobs') : undefined
  if (logprobs !== undefined) sampling.logprobs = logprobs
  const logitBias = reader.optionalObject('logit_bias')?.source
  if (logitBias !== undefined) sampling.logitBias = logitBias
  if (stop !== undefined) sampling.stop = stop
  return sampling
}

function encode(chat: ChatRequest, profile: Profile): WireRequest {
  const flags = flagsOf(profile)
  const body = overlay(leftovers.fieldsOf(chat), encodeBody(chat, flags))
  const limited = encodeLimit(chat, leftovers.shapeOf(chat), flags)
  return {
    method: 'POST',
    path: '/chat/completions',
    headers: {},
    body: withoutFields(compact({ ...body, ...limited }), flags),
  }
}

function encodeBody(chat: ChatRequest, flags: Flags): JsonObject {
  const shape = leftovers.shapeOf(chat)
  const { tools, toolChoice, output, reasoning, caching, identity, service } = chat
  const body: Building<JsonObject> = {
    model: chat.model,
    messages: encodeMessages(chat.turns, flags),
  }
  Object.assign(body, encodeSampling(chat.sampling, shape))
  if (tools !== undefined) Object.assign(body, encodeTools(tools, flags))
  if (toolChoice !== undefined) {
    Object.assign(body, encodeToolChoice(toolChoice, tools ?? [], flags))
  }
  if (output !== undefined) Object.assign(body, encodeOutput(output, shape, flags))
  if (reasoning !== undefined) Object.assign(body, encodeThinking(reasoning, flags))
  if (chat.parallelToolCalls !== undefined && flags.parallelToolCalls) {
    body['parallel_tool_calls'] = chat.parallelToolCalls
  }
  if (caching?.key !== undefined) body['prompt_cache_key'] = caching.key
  if (caching?.retention !== undefined) body['prompt_cache_retention'] = caching.retention
  if (identity?.metadata !== undefined) body['metadata'] = identity.metadata
  if (service?.tier !== undefined) body['service_tier'] = service.tier
  if (service?.store !== undefined) body['store'] = service.store
  return Object.assign(body, encodeUser(chat, shape), encodeStream(chat, shape, flags))
}

function encodeSampling(sampling: Sampling, shape: JsonObject): JsonObject {
  const { stop, logprobs, logitBias } = sampling
  const said: Building<JsonObject> = {}
  for (const [key, field] of NUMBER_FIELDS) {
    const value = sampling[key]
    if (value !== undefined) said[field] = value
  }
  if (stop !== undefined) {
    said['stop'] = shape['stop'] === 'string' && stop.length === 1 ? stop[0] : stop
  }
  if (logprobs !== undefined) said['logprobs'] = logprobs
  if (logitBias !== undefined) said['logit_bias'] = logitBias
  return said
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
  const { unsupportedFields, streamUsage } = flags
  if (unsupportedFields.length === 0 && streamUsage !== 'none') return body
  const gone = new Set(unsupportedFields)
  if (streamUsage === 'none') gone.add('stream_options')
  return Object.fromEntries(Object.entries(body).filter(([key]) => !gone.has(key)))
}
