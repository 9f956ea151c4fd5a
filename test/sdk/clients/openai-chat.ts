// The official OpenAI SDK, Chat Completions: create, its stream helper, and parse with zod.
import type { ChatCompletion, ChatCompletionMessageParam } from 'openai/resources/chat/completions'
import type { zodResponseFormat } from 'openai/helpers/zod'
import type * as Sdk from 'openai'
import type { ChatCompletionStreamParams } from 'openai/lib/ChatCompletionStream'
import { isArray, isObject } from '../../../src/wire/json.ts'
import {
  type Access,
  type Ask,
  type Client,
  type Reply,
  type Words,
  argumentsOf,
  jsonSchema,
  lasting,
  objectOf,
  plain,
  told,
} from './client.ts'

export interface OpenaiSdk {
  readonly OpenAI: typeof Sdk.OpenAI
  readonly zodResponseFormat: typeof zodResponseFormat
}

export const chatWords: Words = {
  stop: 'stop',
  length: 'length',
  tools: 'tool_calls',
  filter: 'content_filter',
}

export function openaiChatClient(sdk: OpenaiSdk, { url, key }: Access): Client {
  const openai = new sdk.OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 })

  const paramsOf = (
    ask: Ask,
    messages: ChatCompletionMessageParam[],
  ): ChatCompletionStreamParams => ({
    model: ask.model,
    messages,
    ...(ask.tools === undefined
      ? {}
      : {
          tools: ask.tools.map(({ name, description, parameters }) => ({
            type: 'function' as const,
            function: { name, description, parameters: jsonSchema(parameters) },
          })),
        }),
    ...(ask.thinks === true ? { reasoning_effort: 'medium' as const } : {}),
    ...(ask.schema === undefined
      ? {}
      : { response_format: sdk.zodResponseFormat(ask.schema, 'person') }),
  })

  return {
    open(ask) {
      const messages = opening(ask)
      let last: ChatCompletion.Choice | undefined
      return {
        async next(mode) {
          const params = paramsOf(ask, messages)
          const { completion, thinking } =
            mode === 'stream' ? await streamed(openai, params) : await whole(openai, params)
          last = completion.choices[0]
          if (last !== undefined) messages.push(last.message)
          return replyOf(completion, thinking)
        },
        give(results) {
          for (const [at, call] of (last?.message.tool_calls ?? []).entries()) {
            messages.push({ role: 'tool', tool_call_id: call.id, content: results[at] ?? '' })
          }
        },
      }
    },
    async leave(ask) {
      const stream = await openai.chat.completions.create({
        ...paramsOf(ask, opening(ask)),
        stream: true,
      })
      for await (const chunk of stream) {
        if ((chunk.choices[0]?.delta.content ?? '') !== '') stream.controller.abort()
      }
    },
    async run(ask, answer) {
      const tools = (ask.tools ?? []).map(({ name, description, parameters }) => ({
        type: 'function' as const,
        function: {
          name,
          description,
          parameters: jsonSchema(parameters),
          parse: objectOf,
          function: () => answer(name),
        },
      }))
      const params = { ...paramsOf({ ...ask, tools: [] }, opening(ask)), tools }
      const runner = openai.chat.completions.runTools({ ...params, stream: true })
      return (await runner.finalContent()) ?? ''
    },
    async models() {
      const models = await Array.fromAsync(openai.models.list())
      return models.map(({ id }) => id)
    },
    failure(error) {
      const native = error instanceof sdk.OpenAI.APIError
      const status: unknown = native ? error.status : undefined
      return { native, message: told(error), ...(typeof status === 'number' ? { status } : {}) }
    },
  }
}

function opening({ system, question, image }: Ask): ChatCompletionMessageParam[] {
  const text = { type: 'text' as const, text: question }
  const url = `data:image/png;base64,${image ?? ''}`
  return [
    { role: 'system', content: system },
    {
      role: 'user',
      content: image === undefined ? question : [text, { type: 'image_url', image_url: { url } }],
    },
  ]
}

interface Completed {
  readonly completion: ChatCompletion
  readonly thinking: string
}

async function whole(openai: Sdk.OpenAI, params: ChatCompletionStreamParams): Promise<Completed> {
  const asked = { ...params, stream: false as const }
  const completion =
    params.response_format === undefined
      ? await openai.chat.completions.create(asked)
      : await openai.chat.completions.parse(asked)
  return { completion, thinking: thoughtsIn([completion.choices[0]?.message]) }
}

/** The library has no name for it; hosts have three, and where their bytes pass, so do those. Details may say again what was said. */
function thoughtsIn(pieces: readonly unknown[]): string {
  const messages = pieces.map((piece) => plain(piece))
  const named = (key: string): string =>
    messages.map(({ [key]: text }) => (typeof text === 'string' ? text : '')).join('')
  const detailed = messages
    .flatMap(({ reasoning_details: details }) => (isArray(details) ? details : []))
    .map((detail) => (isObject(detail) ? String(detail['text'] ?? detail['summary'] ?? '') : ''))
  return named('reasoning_content') || named('reasoning') || detailed.join('')
}

/** The helper keeps only the last piece of fields that it does not know, so thinking is put together beside it. */
async function streamed(
  openai: Sdk.OpenAI,
  params: ChatCompletionStreamParams,
): Promise<Completed> {
  const stream = openai.chat.completions.stream({
    ...params,
    stream_options: { include_usage: true },
  })
  const pieces: unknown[] = []
  stream.on('chunk', (chunk) => {
    pieces.push(chunk.choices.find(({ index }) => index === 0)?.delta)
  })
  return { completion: await stream.finalChatCompletion(), thinking: thoughtsIn(pieces) }
}

function replyOf(completion: ChatCompletion, thinking: string): Reply {
  const choice = completion.choices[0]
  const usage = completion.usage
  const message = choice?.message
  const {
    reasoning_content: _,
    reasoning: __,
    reasoning_details: ___,
    annotations = [],
    ...rest
  } = plain(message)
  const sources = Array.isArray(annotations) && annotations.length > 0 ? { annotations } : {}
  return {
    text: message?.content ?? '',
    refusal: message?.refusal ?? '',
    thinking,
    calls: (message?.tool_calls ?? []).flatMap((call) =>
      call.type === 'function'
        ? [{ name: call.function.name, input: argumentsOf(call.function.arguments) }]
        : [],
    ),
    finish: choice?.finish_reason ?? '',
    usage: {
      input: usage?.prompt_tokens ?? -1,
      output: usage?.completion_tokens ?? -1,
      cached: usage?.prompt_tokens_details?.cached_tokens ?? 0,
    },
    parsed: rest['parsed'],
    final: lasting({
      ...completion,
      choices: [{ ...choice, message: { ...rest, ...sources } }],
      thinking,
    }),
  }
}
