// The Messages request: one JSON object; betas and the version of the protocol stand in headers.
import { compact } from '../../canonical/compact.ts'
import type { CacheMark } from '../../canonical/part.ts'
import { GatewayError } from '../../canonical/errors.ts'
import type { ChatRequest, Role, Turn } from '../../canonical/request.ts'
import { type Item, type Json, type JsonObject, ObjectReader } from '../../wire/json.ts'
import type { WireHeaders } from '../../wire/message.ts'
import type { RequestCodec } from '../dialect.ts'
import { printCacheControl, readCacheControl } from './cache-control.ts'
import { contentShape, readContent } from './decode-blocks.ts'
import { encodeContent } from './encode-blocks.ts'
import { leftovers } from './extension.ts'
import { printFormat, readFormat } from './output-config.ts'
import { printThinking, readReasoning } from './thinking.ts'
import { decodeTool, encodeTool, printCalling, readCalling } from './tools.ts'
import { DEFAULT_VERSION, DIALECT } from './wire-types.ts'

/** Headers of the client that belong to the request and reach an upstream of this dialect. */
const KEPT_HEADERS = ['anthropic-version', 'anthropic-beta', 'anthropic-user-profile-id']

export const requestCodec: RequestCodec = {
  decode(wire) {
    const reader = ObjectReader.of(wire.body, '')
    const outputConfig = reader.optionalObject('output_config')
    const metadata = reader.optionalObject('metadata')
    const topCache = readCacheControl(reader)
    const format = readFormat(reader, outputConfig)
    const stream = reader.optionalBoolean('stream')
    return {
      origin: { dialect: DIALECT },
      model: reader.string('model'),
      turns: [...readSystem(reader), ...reader.items('messages').map((item) => readTurn(item))],
      sampling: compact({
        temperature: reader.optionalNumber('temperature'),
        topP: reader.optionalNumber('top_p'),
        topK: reader.optionalNumber('top_k'),
        stop: reader.optionalStrings('stop_sequences'),
      }),
      stream: { enabled: stream === true },
      ...readCalling(reader),
      ...compact({
        tools: reader.optionalItems('tools')?.map((item) => decodeTool(item)),
        maxOutputTokens: reader.optionalNumber('max_tokens'),
        output: format === undefined ? undefined : { format },
        reasoning: readReasoning(reader, outputConfig),
        caching: autoCaching(topCache.mark),
        identity: readIdentity(metadata),
        service: readService(reader),
      }),
      ...leftovers.kept(reader, {
        nested: { output_config: outputConfig, metadata, cache_control: topCache.reader },
        shape: { stream: stream === false ? false : undefined, headers: readHeaders(wire.headers) },
      }),
    }
  },

  encode(request) {
    const { format, beta } = printFormat(request.output?.format)
    const outputConfig = compact({ effort: printEffort(request), format })
    const body = leftovers.printed(request, {
      model: request.model,
      max_tokens: request.maxOutputTokens,
      system: printSystem(request.turns.filter((turn) => turn.place === 'top')),
      messages: request.turns.filter((turn) => turn.place !== 'top').map((turn) => printTurn(turn)),
      temperature: request.sampling.temperature,
      top_p: request.sampling.topP,
      top_k: request.sampling.topK,
      stop_sequences: request.sampling.stop,
      tools: request.tools?.flatMap((tool) => encodeTool(tool) ?? []),
      tool_choice: printCalling(request),
      thinking: printThinking(request.reasoning),
      output_config: Object.keys(outputConfig).length === 0 ? undefined : outputConfig,
      output_format: beta,
      cache_control: printCacheControl(request.caching?.auto),
      metadata: printIdentity(request),
      ...printService(request),
      stream: request.stream.enabled ? true : leftovers.shapeOf(request)['stream'],
    })
    return { method: 'POST', path: '/v1/messages', headers: printHeaders(request), body }
  },
}

function readSystem(reader: ObjectReader): readonly Turn[] {
  const content = readContent(reader, 'system')
  if (content.spelling === 'none') return []
  const shape = contentShape(content).shape
  return [
    {
      role: 'system',
      place: 'top',
      parts: content.parts,
      ...(shape === undefined ? {} : { extensions: { [DIALECT]: { shape } } }),
    },
  ]
}

function printSystem(turns: readonly Turn[]): Json | undefined {
  const [first, ...others] = turns
  if (first === undefined) return undefined
  if (others.length === 0) return encodeContent(first.parts, leftovers.shapeOf(first)['content'])
  return encodeContent(
    turns.flatMap((turn) => turn.parts),
    undefined,
  )
}

const ROLES: ReadonlyMap<string, Role> = new Map([
  ['user', 'user'],
  ['assistant', 'assistant'],
  // Between turns, behind a beta; Claude Code sends it with an empty list and settings beside it.
  ['system', 'system'],
])

function readTurn(item: Item): Turn {
  const reader = ObjectReader.of(item.value, item.path)
  const role = ROLES.get(reader.string('role'))
  if (role === undefined) {
    throw new GatewayError(
      'invalid_request',
      `${reader.path('role')} must be user, assistant or system`,
      { origin: 'client', param: reader.path('role') },
    )
  }
  if (!reader.has('content')) reader.items('content')
  const content = readContent(reader, 'content')
  return { role, parts: content.parts, ...leftovers.kept(reader, contentShape(content)) }
}

const WIRE_ROLES = {
  user: 'user',
  tool: 'user',
  assistant: 'assistant',
  system: 'system',
  developer: 'system',
} as const satisfies Record<Role, string>

function printTurn(turn: Turn): JsonObject {
  return leftovers.printed(turn, {
    role: WIRE_ROLES[turn.role],
    content: encodeContent(turn.parts, leftovers.shapeOf(turn)['content']),
  })
}

function autoCaching(auto: CacheMark | undefined): ChatRequest['caching'] {
  return auto === undefined ? undefined : { auto }
}

function readIdentity(metadata: ObjectReader | undefined): ChatRequest['identity'] {
  const user = metadata?.optionalString('user_id')
  return user === undefined ? undefined : { user }
}

function printIdentity({ identity }: ChatRequest): JsonObject | undefined {
  return identity?.user === undefined ? undefined : { user_id: identity.user }
}

function printEffort({ reasoning }: ChatRequest): string | undefined {
  return reasoning?.effort
}

/** This wire's words for tiers, and what others call them. */
const TIERS = [
  ['auto', 'auto'],
  ['standard_only', 'default'],
] as const

function readService(reader: ObjectReader): ChatRequest['service'] {
  const word = reader.peek('service_tier')
  const tier = TIERS.find(([wire]) => wire === word)?.[1]
  if (tier !== undefined) reader.value('service_tier')
  const service = compact({ tier, region: reader.optionalString('inference_geo') })
  return Object.keys(service).length === 0 ? undefined : service
}

function printService({ service }: ChatRequest): JsonObject {
  return {
    service_tier: TIERS.find(([, tier]) => tier === service?.tier)?.[0],
    inference_geo: service?.region,
  }
}

function readHeaders(headers: WireHeaders): JsonObject | undefined {
  const entries = KEPT_HEADERS.flatMap((name) => {
    const value = headers[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

function printHeaders(request: ChatRequest): WireHeaders {
  const kept = leftovers.shapeOf(request)['headers']
  if (kept === undefined) return { 'anthropic-version': DEFAULT_VERSION }
  const headers = ObjectReader.of(kept, 'headers')
  const own = KEPT_HEADERS.flatMap((name) => {
    const value = headers.optionalString(name)
    return value === undefined ? [] : [[name, value] as const]
  })
  return { 'anthropic-version': DEFAULT_VERSION, ...Object.fromEntries(own) }
}
