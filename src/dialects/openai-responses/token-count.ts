// /responses/input_tokens: how many tokens a response would read.
import type { TokenCount } from '../../canonical/token-count.ts'
import { ObjectReader } from '../../wire/json.ts'
import { countedBody } from '../counted-body.ts'
import type { TokenCountCodec } from '../token-counting.ts'
import { request } from './request.ts'
import { OPENAI_RESPONSES } from './wire-types.ts'

/** What the call takes (OpenAI's API reference, 2026-11). */
const COUNTED = {
  dialect: OPENAI_RESPONSES,
  keys: [
    'conversation',
    'input',
    'instructions',
    'model',
    'parallel_tool_calls',
    'previous_response_id',
    'reasoning',
    'text',
    'tool_choice',
    'tools',
    'truncation',
  ],
  added: ['store'],
} as const

export const tokenCount: TokenCountCodec = {
  patchable: [{ path: ['model'] }],
  request: {
    decode: (wire) => request.decode(wire),
    encode(chat, profile) {
      const wire = request.encode({ ...chat, stream: { enabled: false } }, profile)
      const body = countedBody(wire.body, chat, COUNTED)
      return { ...wire, path: '/responses/input_tokens', body }
    },
  },
  response: {
    decode(wire): TokenCount {
      const reader = ObjectReader.of(wire.body, '')
      const inputTokens = reader.number('input_tokens')
      return { inputTokens, exact: true, raw: { dialect: OPENAI_RESPONSES, value: reader.source } }
    },
    encode({ inputTokens, raw }) {
      const own = raw?.dialect === OPENAI_RESPONSES ? raw.value : undefined
      const counted = { object: 'response.input_tokens', input_tokens: inputTokens }
      return { status: 200, headers: {}, body: own ?? counted }
    },
  },
}
