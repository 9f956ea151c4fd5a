// The official Ollama client.
import type * as Sdk from 'ollama'
import type { ChatResponse, Message } from 'ollama'
import {
  type Access,
  type Ask,
  type Client,
  type Reply,
  type Words,
  jsonSchema,
  lasting,
  plain,
  told,
} from './client.ts'

export interface OllamaSdk {
  readonly Ollama: typeof Sdk.Ollama
}

/** It has no word for an end in calls, nor for a filter. */
export const ollamaWords: Words = {
  stop: 'stop',
  length: 'length',
  tools: 'stop',
  filter: 'stop',
}

export function ollamaClient({ Ollama }: OllamaSdk, { url, key }: Access): Client {
  const headers = { authorization: `Bearer ${key}` }
  const ollama = new Ollama({ host: url, headers })
  return {
    open(ask) {
      const messages = opening(ask)
      let last: Message | undefined
      return {
        async next(mode) {
          const request = { ...settings(ask), messages }
          const answer =
            mode === 'whole'
              ? await ollama.chat(request)
              : assembled(await Array.fromAsync(await ollama.chat({ ...request, stream: true })))
          last = answer.message
          messages.push(last)
          return replyOf(answer)
        },
        give(results) {
          for (const [at, call] of (last?.tool_calls ?? []).entries()) {
            const content = results[at] ?? ''
            messages.push({ role: 'tool', content, tool_name: call.function.name })
          }
        },
      }
    },
    async leave(ask) {
      const stream = await ollama.chat({ ...settings(ask), messages: opening(ask), stream: true })
      for await (const { message } of stream) if (message.content !== '') stream.abort()
    },
    async models() {
      const { models } = await ollama.list()
      return models.map(({ name }) => name)
    },
    failure(error) {
      // Its class of errors is not exported.
      const native = error instanceof Error && error.name === 'ResponseError'
      const status = plain(error)['status_code']
      return { native, message: told(error), ...(typeof status === 'number' ? { status } : {}) }
    },
  }
}

function settings({ model, tools, schema, thinks }: Ask): {
  model: string
  tools?: Sdk.Tool[]
  format?: object
  think?: boolean
} {
  return {
    model,
    ...(tools === undefined
      ? {}
      : {
          tools: tools.map(({ name, description, parameters }) => ({
            type: 'function',
            function: { name, description, parameters: jsonSchema(parameters) },
          })),
        }),
    ...(schema === undefined ? {} : { format: jsonSchema(schema) }),
    ...(thinks === true ? { think: true } : {}),
  }
}

function opening({ system, question, image }: Ask): Message[] {
  return [
    { role: 'system', content: system },
    { role: 'user', content: question, ...(image === undefined ? {} : { images: [image] }) },
  ]
}

/** This client has no accumulator: content and thinking run on, calls follow one another, the last line has the counts. */
function assembled(lines: readonly ChatResponse[]): ChatResponse {
  const last = lines.at(-1)
  if (last === undefined) throw new Error('an empty stream')
  const messages = lines.map(({ message }) => message)
  const thinking = messages.map((message) => message.thinking ?? '').join('')
  const calls = messages.flatMap((message) => message.tool_calls ?? [])
  return {
    ...last,
    message: {
      role: 'assistant',
      content: messages.map(({ content }) => content).join(''),
      ...(thinking === '' ? {} : { thinking }),
      ...(calls.length === 0 ? {} : { tool_calls: calls }),
    },
  }
}

function replyOf(answer: ChatResponse): Reply {
  const { message } = answer
  return {
    text: message.content,
    thinking: message.thinking ?? '',
    calls: (message.tool_calls ?? []).map((call) => ({
      name: call.function.name,
      input: plain(call.function.arguments),
    })),
    finish: answer.done_reason,
    usage: { input: answer.prompt_eval_count, output: answer.eval_count },
    final: lasting(answer),
  }
}
