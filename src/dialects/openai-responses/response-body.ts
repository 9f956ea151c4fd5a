// The response object around the items: all keys that strict clients look for, with what the client asked for said back.
import type { ChatRequest } from '../../canonical/request.ts'
import type { ChatResponse } from '../../canonical/response.ts'
import { compact } from '../../canonical/compact.ts'
import { type JsonObject, isObject } from '../../wire/json.ts'
import type { EncodeContext } from '../dialect.ts'
import { overlay } from '../leftovers.ts'
import { leftovers } from './extension.ts'
import { request } from './request.ts'
import { OPENAI_RESPONSES } from './wire-types.ts'

/** What the protocol promises to be there, with what each means when nothing was asked for. */
const DEFAULTS: JsonObject = {
  background: false,
  completed_at: null,
  error: null,
  frequency_penalty: 0,
  incomplete_details: null,
  instructions: null,
  max_output_tokens: null,
  max_tool_calls: null,
  metadata: {},
  parallel_tool_calls: true,
  presence_penalty: 0,
  previous_response_id: null,
  prompt_cache_key: null,
  reasoning: { effort: null, summary: null },
  safety_identifier: null,
  service_tier: 'default',
  store: false,
  temperature: 1,
  text: { format: { type: 'text' } },
  tool_choice: 'auto',
  tools: [],
  top_logprobs: 0,
  top_p: 1,
  truncation: 'disabled',
  usage: null,
  user: null,
}

/** What is said back of the request. Not `store`: nothing is stored here, nor run later. */
const ECHOED = [
  'instructions',
  'max_output_tokens',
  'max_tool_calls',
  'metadata',
  'parallel_tool_calls',
  'prompt_cache_key',
  'reasoning',
  'safety_identifier',
  'temperature',
  'text',
  'tool_choice',
  'tools',
  'top_logprobs',
  'top_p',
  'truncation',
  'user',
] as const

type Head = Pick<ChatResponse, 'origin'> &
  Partial<Pick<ChatResponse, 'id' | 'model' | 'createdMs' | 'tier' | 'extensions'>>

/** Everything but status, items and usage; an answer of our own wire keeps just the keys it had. */
export function responseHead(answer: Head, context: EncodeContext): JsonObject {
  const own = answer.origin.dialect === OPENAI_RESPONSES
  const seconds = (answer.createdMs ?? context.now()) / 1000
  const said = {
    id: own && answer.id !== undefined ? answer.id : mintedId(context),
    object: 'response',
    created_at: own && answer.createdMs !== undefined ? seconds : Math.floor(seconds),
    model: answer.model ?? context.request.model,
    ...compact({ service_tier: leftovers.fieldsOf(answer)['service_tier'] ?? answer.tier }),
  }
  if (leftovers.isOwn(answer)) return leftovers.printed(answer, said)
  return { ...DEFAULTS, ...echo(context.request), ...said }
}

function mintedId({ requestId }: EncodeContext): string {
  return `resp_${requestId}`
}

function echo(asked: ChatRequest): JsonObject {
  if (asked.origin.dialect !== OPENAI_RESPONSES) return {}
  const { body } = request.encode(asked, { provider: '', flags: {} })
  const spoken = isObject(body) ? body : {}
  return Object.fromEntries(
    ECHOED.flatMap((key) => {
      const value = spoken[key]
      if (value === undefined || value === null) return []
      const usual = DEFAULTS[key]
      return [[key, isObject(value) && isObject(usual) ? overlay(usual, value) : value]]
    }),
  )
}
