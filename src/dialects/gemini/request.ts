// A chat request: the model and the wish for a stream stand in the path, everything else in the body.
import { compact } from '../../canonical/compact.ts'
import type { ChatRequest } from '../../canonical/request.ts'
import type { Json, JsonObject } from '../../wire/json.ts'
import type { WireRequest } from '../../wire/message.ts'
import type { RequestCodec } from '../dialect.ts'
import { type Address, GENERATE, printAddress, readAddress, resourceName } from './address.ts'
import { decodeContents, decodeSystem, encodeContents, encodeSystem } from './contents.ts'
import { leftovers, printed } from './extension.ts'
import { Fields } from './fields.ts'
import { decodeConfig, encodeConfig } from './generation-config.ts'
import { decodeToolChoice, decodeTools, encodeToolChoice, encodeTools } from './tools.ts'
import { GEMINI } from './wire-types.ts'

const STREAMED = 'streamGenerateContent'

export const request: RequestCodec = { decode, encode }

/** Whether the answer's stream is to be one JSON array: what the vendor does unless it is asked for events. */
export function wantsArray(chat: ChatRequest): boolean {
  return leftovers.shapeOf(chat)['alt'] === 'json'
}

function decode(wire: WireRequest): ChatRequest {
  const address = readAddress(wire.path, GENERATE)
  const streaming = address.method === STREAMED
  const fields = Fields.of(wire.body, '')
  const instruction = fields.optionalObject('systemInstruction')
  const system = instruction === undefined ? [] : [decodeSystem(instruction)]
  const contents = fields.optionalItems('contents')
  const tools = fields.optionalItems('tools')
  const config = fields.optionalFields('generationConfig')
  const calling = fields.optionalFields('toolConfig')?.optionalFields('functionCallingConfig')
  const service = compact({
    tier: fields.optionalString('serviceTier'),
    store: fields.optionalBoolean('store'),
  })
  return {
    origin: { dialect: GEMINI },
    model: address.model,
    turns: [...system, ...decodeContents(contents ?? [])],
    ...decodeConfig(config),
    stream: { enabled: streaming, ...(streaming ? { includeUsage: true } : {}) },
    ...compact({
      tools: tools === undefined ? undefined : decodeTools(tools),
      toolChoice: decodeToolChoice(calling),
      service: Object.keys(service).length === 0 ? undefined : service,
    }),
    ...fields.kept({
      alt: streaming && wire.query?.['alt'] !== 'sse' ? 'json' : undefined,
      contents: contents === undefined ? 'absent' : undefined,
      model: decodeModel(fields, address),
      modalities: modalitiesOf(config),
    }),
  }
}

/** Some clients name the model in the body too; what is printed there must follow the path. */
export function decodeModel(
  fields: Fields,
  { model }: Pick<Address, 'model'>,
): 'bare' | 'resource' | undefined {
  const said = fields.peek('model')
  const form = said === model ? 'bare' : said === resourceName(model) ? 'resource' : undefined
  if (form !== undefined) fields.value('model')
  return form
}

function modalitiesOf(config: Fields | undefined): Json | undefined {
  const said = config?.peek('responseModalities')
  return JSON.stringify(said)?.toUpperCase() === JSON.stringify(said) ? undefined : said
}

function encode(chat: ChatRequest): WireRequest {
  const { tools, toolChoice, service, turns, model, stream } = chat
  const shape = leftovers.shapeOf(chat)
  const contents = encodeContents(turns)
  const named = shape['model'] === 'bare' ? model : resourceName(model)
  const own: JsonObject = {
    model: shape['model'] === undefined ? undefined : named,
    systemInstruction: encodeSystem(turns),
    contents: shape['contents'] === 'absent' && contents.length === 0 ? undefined : contents,
    tools: tools === undefined ? undefined : encodeTools(tools),
    toolConfig:
      toolChoice === undefined
        ? undefined
        : { functionCallingConfig: encodeToolChoice(toolChoice) },
    generationConfig: encodeConfig(chat),
    serviceTier: service?.tier,
    store: service?.store,
  }
  return {
    method: 'POST',
    path: printAddress({ model, method: stream.enabled ? STREAMED : 'generateContent' }),
    // Without it the vendor streams one JSON array.
    ...(stream.enabled ? { query: { alt: 'sse' } } : {}),
    headers: {},
    body: printed(chat, own),
  }
}
