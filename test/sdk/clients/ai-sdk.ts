// Vercel's AI SDK, with any of its providers: generateText, streamText, tools, objects by a schema.
import type * as Sdk from 'ai'
import type { LanguageModel, ModelMessage, ToolSet } from 'ai'
import { isObject } from '../../../src/wire/json.ts'
import {
  type Access,
  type Ask,
  type Client,
  type Reply,
  type Words,
  lasting,
  plain,
} from './client.ts'

export type AiSdk = Pick<
  typeof Sdk,
  'generateText' | 'streamText' | 'Output' | 'tool' | 'APICallError'
>

export interface AiProvider {
  readonly model: (access: Access, name: string) => LanguageModel
  /** Options of every call, under the provider's own name. */
  readonly always?: NonNullable<Parameters<typeof Sdk.generateText>[0]['providerOptions']>
  /** How this provider is asked to think, under its own name. */
  readonly thinking: NonNullable<Parameters<typeof Sdk.generateText>[0]['providerOptions']>
}

export const aiWords: Words = {
  stop: 'stop',
  length: 'length',
  tools: 'tool-calls',
  filter: 'content-filter',
}

export function aiClient(sdk: AiSdk, provider: AiProvider, access: Access): Client {
  const settings = (ask: Ask, messages: ModelMessage[]): Settings => ({
    model: provider.model(access, ask.model),
    system: ask.system,
    messages,
    maxRetries: 0,
    ...(ask.tools === undefined ? {} : { tools: toolsOf(sdk, ask.tools) }),
    ...optionsOf(provider, ask),
    ...(ask.schema === undefined ? {} : { output: sdk.Output.object({ schema: ask.schema }) }),
  })

  return {
    open(ask) {
      const messages = opening(ask)
      let calls: readonly Called[] = []
      return {
        async next(mode) {
          const answer =
            mode === 'whole'
              ? wholeOf(await sdk.generateText(settings(ask, messages)), ask)
              : await streamed(sdk, settings(ask, messages), ask)
          calls = ownCalls(answer)
          messages.push(...answer.messages)
          return replyOf(answer)
        },
        give(results) {
          messages.push({
            role: 'tool',
            content: calls.map(({ toolCallId, toolName }, at) => ({
              type: 'tool-result',
              toolCallId,
              toolName,
              output: { type: 'text', value: results[at] ?? '' },
            })),
          })
        },
      }
    },
    async leave(ask) {
      const leaving = new AbortController()
      const { fullStream } = sdk.streamText({
        ...settings(ask, opening(ask)),
        abortSignal: leaving.signal,
        onError: () => {},
      })
      for await (const part of fullStream) if (part.type === 'text-delta') leaving.abort()
    },
    async run(ask, answer) {
      const tools = toolsOf(sdk, ask.tools ?? [], answer)
      const { text } = await sdk.generateText({
        ...settings({ ...ask, tools: [] }, opening(ask)),
        tools,
        stopWhen: ({ steps }) => steps.length === 5,
      })
      return text
    },
    async models() {
      return []
    },
    failure(error) {
      const native = sdk.APICallError.isInstance(error)
      const status = native ? error.statusCode : undefined
      return { native, message: words(error), ...(status === undefined ? {} : { status }) }
    },
  }
}

type Settings = Parameters<typeof Sdk.generateText>[0]

interface Called {
  readonly toolCallId: string
  readonly toolName: string
  readonly input: unknown
  /** The provider's own tools, which ran there. */
  readonly providerExecuted?: boolean | undefined
}

interface Answered {
  readonly text: string
  readonly thinking: string
  readonly calls: readonly Called[]
  readonly finish: string
  readonly usage: Sdk.LanguageModelUsage
  readonly messages: readonly ModelMessage[]
  readonly parsed?: unknown
}

function optionsOf({ always, thinking }: AiProvider, ask: Ask): Pick<Settings, 'providerOptions'> {
  const providerOptions = ask.thinks === true ? thinking : always
  return providerOptions === undefined ? {} : { providerOptions }
}

function toolsOf(
  sdk: AiSdk,
  tools: NonNullable<Ask['tools']>,
  answer?: (name: string) => string,
): ToolSet {
  return Object.fromEntries(
    tools.map(({ name, description, parameters }) => [
      name,
      answer === undefined
        ? sdk.tool({ description, inputSchema: parameters })
        : sdk.tool({ description, inputSchema: parameters, execute: () => answer(name) }),
    ]),
  )
}

function opening({ question, image }: Ask): ModelMessage[] {
  const text = { type: 'text' as const, text: question }
  return [
    {
      role: 'user',
      content:
        image === undefined
          ? question
          : [text, { type: 'file', mediaType: 'image/png', data: image }],
    },
  ]
}

function wholeOf(result: Awaited<ReturnType<typeof Sdk.generateText>>, ask: Ask): Answered {
  return {
    text: result.text,
    thinking: result.reasoningText ?? '',
    calls: result.toolCalls,
    finish: result.finishReason,
    usage: result.usage,
    messages: result.response.messages,
    ...(ask.schema === undefined ? {} : { parsed: result.output }),
  }
}

/** Errors are parts of the stream. */
async function streamed(sdk: AiSdk, settings: Settings, ask: Ask): Promise<Answered> {
  const result = sdk.streamText({ ...settings, onError: () => {} })
  for await (const part of result.fullStream) if (part.type === 'error') throw part.error
  return {
    text: await result.text,
    thinking: (await result.reasoningText) ?? '',
    calls: await result.toolCalls,
    finish: await result.finishReason,
    usage: await result.usage,
    messages: (await result.response).messages,
    ...(ask.schema === undefined ? {} : { parsed: await result.output }),
  }
}

/** Without those that the provider has run itself. */
function ownCalls({ calls }: Answered): readonly Called[] {
  return calls.filter(({ providerExecuted }) => providerExecuted !== true)
}

function replyOf(answer: Answered): Reply {
  const { text, thinking, finish, usage, parsed } = answer
  const calls = ownCalls(answer).map(({ toolName, input }) => ({
    name: toolName,
    input: plain(input),
  }))
  return {
    text,
    thinking,
    calls,
    finish,
    usage: {
      input: usage.inputTokens ?? -1,
      output: usage.outputTokens ?? -1,
      cached: usage.inputTokenDetails.cacheReadTokens ?? 0,
    },
    ...(parsed === undefined ? {} : { parsed }),
    final: lasting({ text, thinking, calls, finish, usage }),
  }
}

/** A part of a stream may hold what the provider said as it is. */
function words(error: unknown): string {
  if (error instanceof Error) return error.message
  return isObject(plain(error)) && typeof error === 'object' ? JSON.stringify(error) : String(error)
}
