// /v1/messages/count_tokens: how many tokens a message would read.
import type { TokenCount } from '../../canonical/token-count.ts'
import { ObjectReader } from '../../wire/json.ts'
import { countedBody } from '../counted-body.ts'
import type { TokenCountCodec } from '../token-counting.ts'
import { requestCodec } from './request.ts'
import { DIALECT } from './wire-types.ts'

/** What the call takes (Anthropic's API reference, 2026-11). */
const COUNTED = {
  dialect: DIALECT,
  keys: [
    'cache_control',
    'context_management',
    'mcp_servers',
    'messages',
    'model',
    'output_config',
    'output_format',
    'system',
    'thinking',
    'tool_choice',
    'tools',
  ],
  added: ['max_tokens'],
} as const

export const tokenCount: TokenCountCodec = {
  patchable: [{ path: ['model'] }],
  request: {
    decode: (wire) => requestCodec.decode(wire),
    encode(chat, profile) {
      const wire = requestCodec.encode({ ...chat, stream: { enabled: false } }, profile)
      const body = countedBody(wire.body, chat, COUNTED)
      return { ...wire, path: '/v1/messages/count_tokens', body }
    },
  },
  response: {
    decode(wire): TokenCount {
      const reader = ObjectReader.of(wire.body, '')
      const inputTokens = reader.number('input_tokens')
      return { inputTokens, exact: true, raw: { dialect: DIALECT, value: reader.source } }
    },
    encode({ inputTokens, raw }) {
      const own = raw?.dialect === DIALECT ? raw.value : undefined
      return { status: 200, headers: {}, body: own ?? { input_tokens: inputTokens } }
    },
  },
}
