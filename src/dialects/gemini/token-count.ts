// countTokens: the contents alone, or a whole request with what stands around them.
import { compact } from '../../canonical/compact.ts'
import type { ChatRequest } from '../../canonical/request.ts'
import type { TokenCount } from '../../canonical/token-count.ts'
import { type JsonObject, ObjectReader, isObject } from '../../wire/json.ts'
import type { WireRequest } from '../../wire/message.ts'
import type { TokenCountCodec } from '../token-counting.ts'
import { COUNT, printAddress, readAddress, resourceName } from './address.ts'
import { leftovers } from './extension.ts'
import { Fields } from './fields.ts'
import { request } from './request.ts'
import { snakeCase } from './spelling.ts'
import { GEMINI } from './wire-types.ts'

const WHOLE = 'generateContentRequest'

export const tokenCount: TokenCountCodec = {
  request: { decode, encode },
  response: {
    decode(wire): TokenCount {
      const reader = ObjectReader.of(wire.body, '')
      return {
        inputTokens: reader.optionalNumber('totalTokens') ?? 0,
        ...compact({ cached: reader.optionalNumber('cachedContentTokenCount') }),
        exact: true,
        raw: { dialect: GEMINI, value: reader.source },
      }
    },
    encode({ inputTokens, cached, raw }) {
      const own = raw?.dialect === GEMINI ? raw.value : undefined
      const counted = compact({ totalTokens: inputTokens, cachedContentTokenCount: cached })
      return { status: 200, headers: {}, body: own ?? counted }
    },
  },
}

/** What stands beside a whole request says nothing to the count. */
function decode(wire: WireRequest): ChatRequest {
  const fields = Fields.of(wire.body, '')
  const spelled = fields.has(WHOLE) ? [WHOLE, snakeCase(WHOLE)] : []
  const key = spelled.find((known) => fields.source[known] !== undefined)
  const whole = key === undefined ? undefined : fields.source[key]
  const { model } = readAddress(wire.path, COUNT)
  const chat = request.decode({
    ...wire,
    path: printAddress({ model, method: 'generateContent' }),
    ...compact({ body: key === undefined ? wire.body : whole }),
  })
  if (key === undefined) return chat
  const { [key]: _, ...beside } = fields.source
  const shape = { ...leftovers.shapeOf(chat), count: compact({ key, beside: unlessEmpty(beside) }) }
  return { ...chat, ...leftovers.owned(leftovers.fieldsOf(chat), shape) }
}

function unlessEmpty(object: JsonObject): JsonObject | undefined {
  return Object.keys(object).length === 0 ? undefined : object
}

/** Only a whole request can hold instructions and tools. */
function encode(chat: ChatRequest): WireRequest {
  const printed = request.encode({ ...chat, stream: { enabled: false } }, PROFILE)
  const path = printAddress({ model: chat.model, method: 'countTokens' })
  const { count } = leftovers.shapeOf(chat)
  if (chat.origin.dialect === GEMINI && !isObject(count)) return { ...printed, path }
  const { key = WHOLE, beside = {} } = isObject(count) ? count : {}
  const body = isObject(printed.body) ? printed.body : {}
  const named = { model: resourceName(chat.model), ...body }
  return {
    ...printed,
    path,
    body: {
      ...(isObject(beside) ? beside : {}),
      [typeof key === 'string' ? key : WHOLE]: isObject(count) ? body : named,
    },
  }
}

const PROFILE = { provider: '', flags: {} }
