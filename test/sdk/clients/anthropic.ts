// The official Anthropic SDK: create, its message stream, and parse with zod.
import type * as Sdk from '@anthropic-ai/sdk'
import type { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod'
import type {
  Message,
  MessageCreateParamsNonStreaming,
  MessageParam,
} from '@anthropic-ai/sdk/resources/messages'
import { isObject } from '../../../src/wire/json.ts'
import {
  type Access,
  type Ask,
  type Client,
  type Mode,
  type Reply,
  type Words,
  jsonSchema,
  lasting,
  plain,
  told,
} from './client.ts'

export interface AnthropicSdk {
  readonly Anthropic: typeof Sdk.Anthropic
  readonly zodOutputFormat: typeof zodOutputFormat
}

export const messagesWords: Words = {
  stop: 'end_turn',
  length: 'max_tokens',
  tools: 'tool_use',
  filter: 'refusal',
}

export function anthropicClient(sdk: AnthropicSdk, { url, key }: Access): Client {
  const anthropic = new sdk.Anthropic({ baseURL: url, apiKey: key, maxRetries: 0 })

  const paramsOf = (ask: Ask, messages: MessageParam[]): MessageCreateParamsNonStreaming => ({
    model: ask.model,
    max_tokens: 4096,
    system: ask.system,
    messages,
    ...(ask.tools === undefined
      ? {}
      : {
          tools: ask.tools.map(({ name, description, parameters }) => ({
            name,
            description,
            input_schema: { ...jsonSchema(parameters), type: 'object' as const },
          })),
        }),
    ...(ask.thinks === true ? { thinking: { type: 'enabled' as const, budget_tokens: 2048 } } : {}),
    ...(ask.schema === undefined
      ? {}
      : { output_config: { format: sdk.zodOutputFormat(ask.schema) } }),
  })

  const answer = async (ask: Ask, messages: MessageParam[], mode: Mode): Promise<Message> => {
    const params = paramsOf(ask, messages)
    if (mode === 'stream') return anthropic.messages.stream(params).finalMessage()
    return ask.schema === undefined
      ? anthropic.messages.create(params)
      : anthropic.messages.parse(params)
  }

  return {
    open(ask) {
      const messages = opening(ask)
      let last: Message | undefined
      return {
        async next(mode) {
          last = await answer(ask, messages, mode)
          messages.push({ role: 'assistant', content: last.content })
          return replyOf(last)
        },
        give(results) {
          const calls = (last?.content ?? []).filter((block) => block.type === 'tool_use')
          messages.push({
            role: 'user',
            content: calls.map(({ id }, at) => ({
              type: 'tool_result',
              tool_use_id: id,
              content: results[at] ?? '',
            })),
          })
        },
      }
    },
    async leave(ask) {
      const stream = anthropic.messages.stream(paramsOf(ask, opening(ask)))
      stream.on('text', () => stream.abort())
      await stream.done()
    },
    async models() {
      const models = await Array.fromAsync(anthropic.models.list())
      return models.map(({ id }) => id)
    },
    failure(error) {
      const native = error instanceof sdk.Anthropic.APIError
      const status: unknown = native ? error.status : undefined
      return { native, message: told(error), ...(typeof status === 'number' ? { status } : {}) }
    },
  }
}

function opening({ question, image }: Ask): MessageParam[] {
  if (image === undefined) return [{ role: 'user', content: question }]
  const source = { type: 'base64' as const, media_type: 'image/png' as const, data: image }
  return [
    {
      role: 'user',
      content: [
        { type: 'image', source },
        { type: 'text', text: question },
      ],
    },
  ]
}

function replyOf(message: Message): Reply {
  const { usage } = message
  const cached = usage.cache_read_input_tokens ?? 0
  return {
    text: message.content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
    thinking: message.content
      .map((block) => (block.type === 'thinking' ? block.thinking : ''))
      .join(''),
    calls: message.content.flatMap((block) => {
      if (block.type !== 'tool_use') return []
      const input = plain(block.input)
      return isObject(input) ? [{ name: block.name, input }] : []
    }),
    finish: message.stop_reason ?? '',
    usage: {
      input: usage.input_tokens + cached + (usage.cache_creation_input_tokens ?? 0),
      output: usage.output_tokens,
      cached,
    },
    parsed: plain(message)['parsed_output'],
    final: lasting(message),
  }
}
