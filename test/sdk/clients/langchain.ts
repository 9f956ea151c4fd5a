// LangChain.js with any of its chat models: invoke, stream and concat, tools, structured output.
import type { BaseChatModel } from '@langchain/core/language_models/chat_models'
import type * as Core from '@langchain/core/messages'
import type { AIMessage, AIMessageChunk, BaseMessage } from '@langchain/core/messages'
import type { z } from 'zod'
import { isObject } from '../../../src/wire/json.ts'
import {
  type Access,
  type Ask,
  type Client,
  type Reply,
  type Words,
  lasting,
  plain,
  told,
} from './client.ts'

/** What the library makes of a conversation. */
export interface ChainMessages extends Pick<
  typeof Core,
  'HumanMessage' | 'SystemMessage' | 'ToolMessage'
> {
  /** The parts of an answer, in the library's own words. */
  readonly blocks: (message: AIMessage) => readonly unknown[]
  /** A schema as this library takes it. */
  readonly schema: (schema: z.ZodObject) => Record<string, unknown> | z.ZodObject
}

export interface ChainModel {
  readonly model: (access: Access, ask: Ask) => BaseChatModel
  /** How the message that ends an answer says why. */
  readonly finish: (metadata: ReturnType<typeof plain>) => string
  readonly words: Words
}

export function chainClient(library: ChainMessages, kind: ChainModel, access: Access): Client {
  return {
    open(ask) {
      const model = kind.model(access, ask)
      const messages = opening(library, ask)
      let last: AIMessage | undefined
      return {
        async next(mode) {
          if (ask.schema !== undefined)
            return structured(model, messages, library.schema(ask.schema))
          const runnable = ask.tools === undefined ? model : bound(library, model, ask.tools)
          last =
            mode === 'whole'
              ? await runnable.invoke(messages)
              : await assembled(await runnable.stream(messages))
          messages.push(last)
          return replyOf(last, kind.finish, library.blocks(last))
        },
        give(results) {
          for (const [at, { id = '', name }] of (last?.tool_calls ?? []).entries()) {
            messages.push(
              new library.ToolMessage({ content: results[at] ?? '', tool_call_id: id, name }),
            )
          }
        },
      }
    },
    async leave(ask) {
      const leaving = new AbortController()
      const { signal } = leaving
      for await (const chunk of await kind
        .model(access, ask)
        .stream(opening(library, ask), { signal })) {
        if (chunk.text !== '') leaving.abort()
      }
    },
    async models() {
      return []
    },
    failure(error) {
      const { status: said, statusCode, status_code: spelled } = plain(error)
      const status = [said, statusCode, spelled].find((value) => typeof value === 'number')
      return {
        native: status !== undefined,
        message: told(error),
        ...(typeof status === 'number' ? { status } : {}),
      }
    },
  }
}

function bound(
  library: ChainMessages,
  model: BaseChatModel,
  tools: NonNullable<Ask['tools']>,
): ReturnType<NonNullable<BaseChatModel['bindTools']>> {
  const runnable = model.bindTools?.(
    tools.map(({ name, description, parameters }) => ({
      name,
      description,
      schema: library.schema(parameters),
    })),
  )
  if (runnable === undefined) throw new Error('this model takes no tools')
  return runnable
}

function opening(library: ChainMessages, { system, question, image }: Ask): BaseMessage[] {
  const picture = { type: 'image_url', image_url: { url: `data:image/png;base64,${image ?? ''}` } }
  const content = image === undefined ? question : [{ type: 'text', text: question }, picture]
  return [new library.SystemMessage(system), new library.HumanMessage({ content })]
}

async function assembled(chunks: AsyncIterable<AIMessageChunk>): Promise<AIMessage> {
  let whole: AIMessageChunk | undefined
  for await (const chunk of chunks) whole = whole === undefined ? chunk : whole.concat(chunk)
  if (whole === undefined) throw new Error('an empty stream')
  return whole
}

/** It gives the object and nothing else. */
async function structured(
  model: BaseChatModel,
  messages: BaseMessage[],
  schema: ReturnType<ChainMessages['schema']>,
): Promise<Reply> {
  const runnable = model.withStructuredOutput(schema, { method: 'jsonSchema', name: 'person' })
  const parsed = await runnable.invoke(messages)
  const text = JSON.stringify(parsed)
  const usage = { input: -1, output: -1 }
  return { text, thinking: '', calls: [], finish: '', usage, parsed, final: lasting(parsed) }
}

function replyOf(
  message: AIMessage,
  finish: ChainModel['finish'],
  blocks: readonly unknown[],
): Reply {
  const usage = plain(message.usage_metadata)
  const text = message.text
  const thinking = thinkingIn(message, blocks)
  const calls = (message.tool_calls ?? []).map(({ name, args }) => ({ name, input: plain(args) }))
  const ended = finish({ ...plain(message.additional_kwargs), ...plain(message.response_metadata) })
  const counts = {
    input: Number(usage['input_tokens'] ?? -1),
    output: Number(usage['output_tokens'] ?? -1),
    cached: Number(plain(usage['input_token_details'])['cache_read'] ?? 0),
  }
  return {
    text,
    thinking,
    calls,
    finish: ended,
    usage: counts,
    final: lasting({ text, thinking, calls, finish: ended, usage: counts }),
  }
}

/** In the library's own blocks, or beside the content. */
function thinkingIn(message: AIMessage, blocks: readonly unknown[]): string {
  const within = blocks
    .map((block) => plain(block))
    .map(({ type, reasoning, thinking }) => {
      if (type === 'reasoning') return String(reasoning ?? '')
      return type === 'thinking' ? String(thinking ?? '') : ''
    })
    .join('')
  if (within !== '') return within
  const { reasoning_content: beside, reasoning } = plain(message.additional_kwargs)
  if (typeof beside === 'string') return beside
  const summary =
    isObject(reasoning) && Array.isArray(reasoning['summary']) ? reasoning['summary'] : []
  return summary.map((part) => String(plain(part)['text'] ?? '')).join('')
}
