// The official Mistral SDK, which checks every answer against its own schema.
import type * as Sdk from '@mistralai/mistralai'
import type * as Errors from '@mistralai/mistralai/models/errors'
import type {
  ChatCompletionRequest,
  ChatCompletionRequestMessage,
  ChatCompletionResponse,
  CompletionChunk,
  ContentChunk,
  ToolCall,
} from '@mistralai/mistralai/models/components'
import {
  type Access,
  type Ask,
  type Client,
  type Reply,
  type Words,
  argumentsOf,
  jsonSchema,
  lasting,
  plain,
  told,
} from './client.ts'

export interface MistralSdk {
  readonly Mistral: typeof Sdk.Mistral
  readonly errors: typeof Errors
  /** The version of zod whose schemas its `parse` understands. */
  readonly zod: 3 | 4
}

/** It has no word for a filter. */
export const mistralWords: Words = {
  stop: 'stop',
  length: 'length',
  tools: 'tool_calls',
  filter: 'stop',
}

interface Message {
  readonly content: string | ContentChunk[]
  readonly toolCalls: ToolCall[]
}

interface Answered {
  readonly message: Message
  readonly finish: string
  readonly usage: ChatCompletionResponse['usage'] | undefined
  readonly parsed?: unknown
}

export function mistralClient({ Mistral, errors, zod }: MistralSdk, { url, key }: Access): Client {
  const mistral = new Mistral({ serverURL: `${url}/mistral`, apiKey: key })
  return {
    open(ask) {
      const messages = opening(ask)
      let last: Message | undefined
      return {
        async next(mode) {
          const request = requestOf(ask, messages)
          const answered =
            mode === 'whole'
              ? await whole(mistral, request, zod === 4 ? ask.schema : undefined)
              : await streamed(mistral, request)
          last = answered.message
          messages.push({ role: 'assistant', ...last })
          return replyOf(answered)
        },
        give(results) {
          for (const [at, call] of (last?.toolCalls ?? []).entries()) {
            messages.push({
              role: 'tool',
              name: call.function.name,
              content: results[at] ?? '',
              ...(call.id === undefined ? {} : { toolCallId: call.id }),
            })
          }
        },
      }
    },
    async leave(ask) {
      const stream = await mistral.chat.stream(requestOf(ask, opening(ask)))
      for await (const { data } of stream) if ((data.choices[0]?.delta.content ?? '') !== '') break
    },
    async models() {
      const { data = [] } = await mistral.models.list()
      return data.map((model) => String(plain(model)['id']))
    },
    failure(error) {
      const native = error instanceof errors.MistralError
      return { native, message: told(error), ...(native ? { status: error.statusCode } : {}) }
    },
  }
}

function requestOf(
  { model, tools, schema, thinks }: Ask,
  messages: ChatCompletionRequestMessage[],
): ChatCompletionRequest {
  return {
    model,
    messages,
    ...(tools === undefined
      ? {}
      : {
          tools: tools.map(({ name, description, parameters }) => ({
            type: 'function' as const,
            function: { name, description, parameters: jsonSchema(parameters) },
          })),
        }),
    ...(thinks === true ? { reasoningEffort: 'high' } : {}),
    ...(schema === undefined
      ? {}
      : {
          responseFormat: {
            type: 'json_schema' as const,
            jsonSchema: { name: 'person', schemaDefinition: jsonSchema(schema), strict: true },
          },
        }),
  }
}

function opening({ system, question, image }: Ask): ChatCompletionRequestMessage[] {
  const imageUrl = `data:image/png;base64,${image ?? ''}`
  return [
    { role: 'system', content: system },
    {
      role: 'user',
      content:
        image === undefined
          ? question
          : [
              { type: 'text', text: question },
              { type: 'image_url', imageUrl },
            ],
    },
  ]
}

async function whole(
  mistral: Sdk.Mistral,
  request: ChatCompletionRequest,
  schema: Ask['schema'],
): Promise<Answered> {
  const { choices, usage } =
    schema === undefined
      ? await mistral.chat.complete(request)
      : { ...(await mistral.chat.parse({ ...request, responseFormat: schema })) }
  const choice = choices?.[0]
  return {
    message: {
      content: choice?.message?.content ?? '',
      toolCalls: choice?.message?.toolCalls ?? [],
    },
    finish: choice?.finishReason ?? '',
    usage,
    parsed: plain(choice?.message)['parsed'],
  }
}

/** This SDK has no accumulator: text runs on, chunks of one kind run on, calls come whole. */
async function streamed(mistral: Sdk.Mistral, request: ChatCompletionRequest): Promise<Answered> {
  const events = await Array.fromAsync(await mistral.chat.stream(request))
  const chunks: readonly CompletionChunk[] = events.map(({ data }) => data)
  const deltas = chunks.flatMap(({ choices }) => firstOf(choices).map(({ delta }) => delta))
  const content = deltas.flatMap((delta) =>
    typeof delta.content === 'string'
      ? [{ type: 'text' as const, text: delta.content }]
      : (delta.content ?? []),
  )
  return {
    message: {
      content: joined(content),
      toolCalls: deltas.flatMap((delta) => delta.toolCalls ?? []),
    },
    finish: chunks.map(({ choices }) => firstOf(choices)[0]?.finishReason ?? '').join(''),
    usage: chunks.at(-1)?.usage,
  }
}

type Choices = CompletionChunk['choices']

function firstOf(choices: Choices): Choices {
  return choices.filter(({ index }) => index === 0)
}

function joined(chunks: readonly ContentChunk[]): string | ContentChunk[] {
  const found: ContentChunk[] = []
  for (const chunk of chunks) {
    const before = found.at(-1)
    if (chunk.type === 'text' && chunk.text === '') continue
    if (before?.type === 'text' && chunk.type === 'text') {
      found[found.length - 1] = { ...before, text: before.text + chunk.text }
    } else if (before?.type === 'thinking' && chunk.type === 'thinking') {
      found[found.length - 1] = {
        ...before,
        ...chunk,
        thinking: [...before.thinking, ...chunk.thinking],
      }
    } else found.push(chunk)
  }
  const [only] = found
  if (only === undefined) return ''
  return found.length === 1 && only.type === 'text' ? only.text : found
}

function textIn(content: Message['content'], kind: 'text' | 'thinking'): string {
  if (typeof content === 'string') return kind === 'text' ? content : ''
  return content
    .map((chunk) => {
      if (chunk.type === 'text' && kind === 'text') return chunk.text
      if (chunk.type !== 'thinking' || kind === 'text') return ''
      return chunk.thinking.map((part) => (part.type === 'text' ? part.text : '')).join('')
    })
    .join('')
}

function replyOf({ message, finish, usage, parsed }: Answered): Reply {
  const told = plain(usage)
  const text = textIn(message.content, 'text')
  const thinking = textIn(message.content, 'thinking')
  const calls = message.toolCalls.map(({ function: { name, arguments: args } }) => ({
    name,
    input: typeof args === 'string' ? argumentsOf(args) : plain(args),
  }))
  const cached = plain(told['prompt_tokens_details'])['cached_tokens']
  return {
    text,
    thinking,
    calls,
    finish,
    usage: {
      input: usage?.promptTokens ?? -1,
      output: usage?.completionTokens ?? -1,
      ...(typeof cached === 'number' ? { cached } : {}),
    },
    parsed,
    final: lasting({ text, thinking, calls, finish, usage: told }),
  }
}
