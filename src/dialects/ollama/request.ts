// Requests: /api/chat with its messages, /api/generate with its prompt; everything else is common to both.
import { compact } from '../../canonical/compact.ts'
import { GatewayError } from '../../canonical/errors.ts'
import type { Part } from '../../canonical/part.ts'
import type { ChatRequest, OutputFormat, Turn } from '../../canonical/request.ts'
import { WireError } from '../../wire/errors.ts'
import { type Json, type JsonObject, ObjectReader, isObject } from '../../wire/json.ts'
import type { WireRequest } from '../../wire/message.ts'
import type { RequestCodec } from '../dialect.ts'
import { leftovers } from './extension.ts'
import { printOptions, readOptions } from './options.ts'
import { printParts, printText, readImages, readText } from './parts.ts'
import { printThink, readThink } from './think.ts'
import { indexOf } from './tool-calls.ts'
import { printTurns } from './print-turns.ts'
import { printTool, readTool } from './tools.ts'
import { readTurns } from './turns.ts'
import { CHAT_PATH, DIALECT, GENERATE_PATH, JSON_HEADERS } from './wire-types.ts'

export const requestCodec: RequestCodec = { decode: decodeRequest, encode: encodeRequest }

/** Whether a request wants generate's shape: a prompt in, `response` out. */
export function isGenerate(request: ChatRequest): boolean {
  return leftovers.shapeOf(request)['endpoint'] === 'generate'
}

function decodeRequest(wire: WireRequest): ChatRequest {
  const reader = ObjectReader.of(wire.body, '')
  refuseDebugging(reader)
  const generate = wire.path.endsWith(GENERATE_PATH)
  const { turns, shape } = generate ? readPrompt(reader) : readConversation(reader)
  const model = reader.string('model')
  const stream = reader.optionalBoolean('stream')
  const format = readFormat(reader)
  const { sampling, maxOutputTokens, rest } = readOptions(reader)
  return {
    origin: { dialect: DIALECT },
    model,
    turns,
    sampling: {
      ...sampling,
      ...compact({
        logprobs: reader.optionalBoolean('logprobs'),
        topLogprobs: reader.optionalNumber('top_logprobs'),
      }),
    },
    stream: { enabled: stream ?? true, includeUsage: true },
    ...compact({
      tools: reader.optionalItems('tools')?.map((item) => readTool(item)),
      maxOutputTokens,
      output: format === undefined ? undefined : { format },
      reasoning: readThink(reader),
    }),
    ...leftovers.keptFields(
      { ...reader.rest(), ...compact({ options: rest }) },
      { ...shape, ...(stream === undefined ? { stream: 'absent' } : {}) },
    ),
  }
}

interface Said {
  readonly turns: readonly Turn[]
  readonly shape: JsonObject
}

function readConversation(reader: ObjectReader): Said {
  const items = reader.optionalItems('messages')
  return {
    turns: readTurns(items ?? []),
    shape: items === undefined ? { messages: 'absent' } : {},
  }
}

/** `system` is what the model is told, `prompt` and `images` what the user says; suffix, raw, template and context stay leftovers. */
function readPrompt(reader: ObjectReader): Said {
  const system = readText(reader, 'system')
  if (system.length === 0) reader.leave('system')
  const prompt = readText(reader, 'prompt')
  if (prompt.length === 0) reader.leave('prompt')
  const said: readonly Part[] = [...readImages(reader), ...prompt]
  return {
    turns: [
      ...(system.length === 0 ? [] : [{ role: 'system', place: 'top', parts: system } as const]),
      ...(said.length === 0 ? [] : [{ role: 'user', parts: said } as const]),
    ],
    shape: { endpoint: 'generate' },
  }
}

function readFormat(reader: ObjectReader): OutputFormat | undefined {
  const format = reader.value('format')
  if (format === 'json') return { type: 'json' }
  if (isObject(format)) return { type: 'json-schema', schema: format }
  reader.leave('format')
  // The server takes an empty text for none.
  if (format === undefined || format === null || format === '') return undefined
  const path = reader.path('format')
  throw new WireError('wrong_type', `${path} must be "json" or a JSON schema object`, path)
}

// The answer would be the rendered prompt in a shape of its own, and shows what a template holds.
function refuseDebugging(reader: ObjectReader): void {
  if (reader.peek('_debug_render_only') !== true) return
  throw new GatewayError(
    'unsupported',
    'Patchbay does not forward _debug_render_only. Send the request without it.',
    { origin: 'client', param: '_debug_render_only' },
  )
}

/** A request that left `stream` out meant true; where that still holds it stays out, else it is always said. */
function encodeRequest(request: ChatRequest): WireRequest {
  const { options: rest, ...fields } = leftovers.fieldsOf(request)
  const generate = isGenerate(request)
  const { enabled } = request.stream
  return {
    method: 'POST',
    path: generate ? GENERATE_PATH : CHAT_PATH,
    headers: JSON_HEADERS,
    body: {
      ...fields,
      model: request.model,
      ...(generate ? printPrompt(request.turns) : printConversation(request)),
      ...(enabled && leftovers.shapeOf(request)['stream'] === 'absent' ? {} : { stream: enabled }),
      ...compact({
        tools: request.tools?.map((tool) => printTool(tool)).filter((tool) => tool !== undefined),
        format: printFormat(request.output?.format),
        think: printThink(request.reasoning),
        options: printOptions(request, rest),
        logprobs: request.sampling.logprobs,
        top_logprobs: request.sampling.topLogprobs,
      }),
    },
  }
}

function printConversation(request: ChatRequest): JsonObject {
  const absent = leftovers.shapeOf(request)['messages'] === 'absent' && request.turns.length === 0
  return absent ? {} : { messages: printTurns(request.turns) }
}

function printPrompt(turns: readonly Turn[]): JsonObject {
  const instructions = turns.filter((turn) => turn.role === 'system').flatMap((turn) => turn.parts)
  const said = turns.filter((turn) => turn.role !== 'system').flatMap((turn) => turn.parts)
  const system = printText(instructions)
  const prompt = printText(said)
  return {
    ...(system === '' ? {} : { system }),
    ...(prompt === '' ? {} : { prompt }),
    ...printParts(said, indexOf),
  }
}

function printFormat(format: OutputFormat | undefined): Json | undefined {
  if (format?.type === 'json') return 'json'
  return format?.type === 'json-schema' ? format.schema : undefined
}
