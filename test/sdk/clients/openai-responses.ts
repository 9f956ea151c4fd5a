// The official OpenAI SDK, Responses: create, its stream helper, and parse with zod.
import type * as Sdk from 'openai'
import type { zodTextFormat } from 'openai/helpers/zod'
import type {
  Response,
  ResponseFunctionToolCall,
  ResponseInputItem,
  ResponseReasoningItem,
} from 'openai/resources/responses/responses'
import {
  type Access,
  type Ask,
  type Client,
  type Mode,
  type Reply,
  type Words,
  argumentsOf,
  jsonSchema,
  lasting,
  plain,
  told,
} from './client.ts'

export interface ResponsesSdk {
  readonly OpenAI: typeof Sdk.OpenAI
  readonly zodTextFormat: typeof zodTextFormat
}

/** It has no word for an end in calls: they are in the output. */
export const responsesWords: Words = {
  stop: 'completed',
  length: 'incomplete max_output_tokens',
  tools: 'completed',
  filter: 'incomplete content_filter',
}

export function openaiResponsesClient(sdk: ResponsesSdk, { url, key }: Access): Client {
  const openai = new sdk.OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 })

  const paramsOf = (
    ask: Ask,
    input: ResponseInputItem[],
  ): Sdk.OpenAI.Responses.ResponseCreateParamsNonStreaming => ({
    model: ask.model,
    instructions: ask.system,
    input,
    store: false,
    ...(ask.tools === undefined
      ? {}
      : {
          tools: ask.tools.map(({ name, description, parameters }) => ({
            type: 'function' as const,
            name,
            description,
            parameters: jsonSchema(parameters),
            strict: false,
          })),
        }),
    ...(ask.thinks === true
      ? {
          reasoning: { effort: 'medium' as const, summary: 'auto' as const },
          include: ['reasoning.encrypted_content' as const],
        }
      : {}),
    ...(ask.schema === undefined
      ? {}
      : { text: { format: sdk.zodTextFormat(ask.schema, 'person') } }),
  })

  const answer = async (ask: Ask, input: ResponseInputItem[], mode: Mode): Promise<Response> => {
    const params = paramsOf(ask, input)
    if (mode === 'stream')
      return openai.responses.stream({ ...params, stream: true }).finalResponse()
    return ask.schema === undefined
      ? openai.responses.create(params)
      : openai.responses.parse(params)
  }

  return {
    open(ask) {
      const input = opening(ask)
      let last: Response | undefined
      return {
        async next(mode) {
          last = await answer(ask, input, mode)
          input.push(...last.output.flatMap((item) => said(item)))
          return replyOf(last)
        },
        give(results) {
          const calls = (last?.output ?? []).filter((item) => item.type === 'function_call')
          for (const [at, { call_id }] of calls.entries()) {
            input.push({ type: 'function_call_output', call_id, output: results[at] ?? '' })
          }
        },
      }
    },
    async leave(ask) {
      const stream = await openai.responses.create({ ...paramsOf(ask, opening(ask)), stream: true })
      for await (const event of stream) {
        if (event.type === 'response.output_text.delta') stream.controller.abort()
      }
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

function opening({ question, image }: Ask): ResponseInputItem[] {
  const text = { type: 'input_text' as const, text: question }
  const image_url = `data:image/png;base64,${image ?? ''}`
  return [
    {
      role: 'user',
      content:
        image === undefined ? question : [text, { type: 'input_image', detail: 'auto', image_url }],
    },
  ]
}

/** Items of an answer, as the next request sends them back. What the helper parsed is no part of them: the vendor refuses it. */
function said(item: Response['output'][number]): readonly ResponseInputItem[] {
  switch (item.type) {
    case 'message':
    case 'reasoning':
      return [item]
    case 'function_call': {
      const { parsed_arguments: _, ...call } = { parsed_arguments: null, ...item }
      return [call]
    }
    default:
      return []
  }
}

/** Open models show the thoughts themselves, the vendor's a summary, in paragraphs. */
function thoughtsIn({ content = [], summary }: ResponseReasoningItem): string {
  const parts = content.length === 0 ? summary : content
  return parts.map(({ text }) => text).join('\n\n')
}

/** Tools of two namespaces may have the same name. */
function fullName({ namespace, name }: ResponseFunctionToolCall): string {
  return namespace === undefined ? name : `${namespace}.${name}`
}

function replyOf(response: Response): Reply {
  const { usage, output } = response
  const reason = response.incomplete_details?.reason
  return {
    text: response.output_text,
    thinking: output
      .flatMap((item) => (item.type === 'reasoning' ? thoughtsIn(item) : []))
      .join(''),
    refusal: output
      .flatMap((item) => (item.type === 'message' ? item.content : []))
      .map((part) => (part.type === 'refusal' ? part.refusal : ''))
      .join(''),
    calls: output.flatMap((item) =>
      item.type === 'function_call'
        ? [{ name: fullName(item), input: argumentsOf(item.arguments) }]
        : [],
    ),
    finish: [response.status, ...(reason === undefined ? [] : [reason])].join(' '),
    usage: {
      input: usage?.input_tokens ?? -1,
      output: usage?.output_tokens ?? -1,
      cached: usage?.input_tokens_details?.cached_tokens ?? 0,
    },
    parsed: plain(response)['output_parsed'],
    final: lasting(response),
  }
}
