// Applications on the official SDKs: each keeps its conversation as its SDK's own objects and sends them back as they are.
import Anthropic from '@anthropic-ai/sdk'
import { type Content, type FunctionCall, GoogleGenAI, type Part } from '@google/genai'
import { Mistral } from '@mistralai/mistralai'
import type { ChatCompletionRequestMessage } from '@mistralai/mistralai/models/components'
import { type Message, Ollama } from 'ollama'
import OpenAI from 'openai'

interface Call {
  readonly id: string
  readonly name: string
}

/** One application with one conversation. */
interface Application {
  say(text: string): void
  answer(call: Call, result: string): void
  /** Sends all that was said, keeps what comes, and tells which calls it holds. */
  ask(model: string): Promise<readonly Call[]>
}

interface Place {
  readonly url: string
  readonly key: string
  readonly stream: boolean
}

const NAME = 'look'
const DESCRIPTION = 'Looks.'
const PARAMETERS = { type: 'object' as const, properties: { at: { type: 'number' } } }

type Kept = (message: OpenAI.ChatCompletionMessage) => OpenAI.ChatCompletionMessageParam

/** Frameworks on the SDK often keep the fields that OpenAI documents, and no others. */
function documented({
  content,
  tool_calls: calls,
}: OpenAI.ChatCompletionMessage): OpenAI.ChatCompletionMessageParam {
  const functions = (calls ?? []).flatMap((call) => {
    if (call.type !== 'function') return []
    const { name, arguments: text } = call.function
    return [{ id: call.id, type: call.type, function: { name, arguments: text } }]
  })
  return {
    role: 'assistant',
    content,
    ...(functions.length === 0 ? {} : { tool_calls: functions }),
  }
}

function chatApplication(
  { url, key, stream }: Place,
  kept: Kept = (message) => message,
): Application {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 })
  const messages: OpenAI.ChatCompletionMessageParam[] = []
  return {
    say: (content) => void messages.push({ role: 'user', content }),
    answer: ({ id }, content) => void messages.push({ role: 'tool', tool_call_id: id, content }),
    ask: async (model) => {
      const tool = {
        type: 'function' as const,
        function: { name: NAME, description: DESCRIPTION, parameters: PARAMETERS },
      }
      const asked = { model, messages, tools: [tool], reasoning_effort: 'medium' as const }
      const { choices } = stream
        ? await client.chat.completions.stream(asked).finalChatCompletion()
        : await client.chat.completions.create(asked)
      const message = choices[0]?.message
      if (message === undefined) throw new Error('no answer')
      messages.push(kept(message))
      return (message.tool_calls ?? []).flatMap((call) =>
        call.type === 'function' ? [{ id: call.id, name: call.function.name }] : [],
      )
    },
  }
}

function responsesApplication({ url, key, stream }: Place): Application {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 })
  const input: OpenAI.Responses.ResponseInputItem[] = []
  return {
    say: (content) => void input.push({ role: 'user', content }),
    answer: ({ id }, output) =>
      void input.push({ type: 'function_call_output', call_id: id, output }),
    ask: async (model) => {
      const tool = {
        type: 'function' as const,
        name: NAME,
        description: DESCRIPTION,
        parameters: PARAMETERS,
        strict: false,
      }
      const asked = {
        model,
        input,
        tools: [tool],
        store: false,
        include: ['reasoning.encrypted_content' as const],
        reasoning: { effort: 'medium' as const },
      }
      const { output } = stream
        ? await client.responses.stream(asked).finalResponse()
        : await client.responses.create(asked)
      // As it goes over the wire: the SDK's types of what it gives and what it takes differ in fields that are not there.
      const echoed: OpenAI.Responses.ResponseInputItem[] = JSON.parse(JSON.stringify(output))
      input.push(...echoed)
      return output.flatMap((item) =>
        item.type === 'function_call' ? [{ id: item.call_id, name: item.name }] : [],
      )
    },
  }
}

function messagesApplication({ url, key, stream }: Place): Application {
  const client = new Anthropic({ baseURL: url, apiKey: key, maxRetries: 0 })
  const messages: Anthropic.MessageParam[] = []
  return {
    say: (content) => void messages.push({ role: 'user', content }),
    answer: ({ id }, content) =>
      void messages.push({
        role: 'user',
        content: [{ type: 'tool_result', tool_use_id: id, content }],
      }),
    ask: async (model) => {
      const asked = {
        model,
        messages,
        max_tokens: 8000,
        thinking: { type: 'enabled' as const, budget_tokens: 2000 },
        tools: [{ name: NAME, description: DESCRIPTION, input_schema: PARAMETERS }],
      }
      const { role, content } = stream
        ? await client.messages.stream(asked).finalMessage()
        : await client.messages.create(asked)
      messages.push({ role, content })
      return content.flatMap((block) =>
        block.type === 'tool_use' ? [{ id: block.id, name: block.name }] : [],
      )
    },
  }
}

function geminiApplication({ url, key, stream }: Place, thinkingBudget = 2000): Application {
  const client = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: url } })
  const contents: Content[] = []
  const calls = new Map<string, FunctionCall>()
  return {
    say: (text) => void contents.push({ role: 'user', parts: [{ text }] }),
    answer: ({ id, name }, output) => {
      const given = calls.get(id)?.id
      const functionResponse = {
        name,
        response: { output },
        ...(given === undefined ? {} : { id: given }),
      }
      contents.push({ role: 'user', parts: [{ functionResponse }] })
    },
    ask: async (model) => {
      const declaration = { name: NAME, description: DESCRIPTION, parametersJsonSchema: PARAMETERS }
      const asked = {
        model,
        contents,
        config: {
          tools: [{ functionDeclarations: [declaration] }],
          thinkingConfig: { includeThoughts: true, thinkingBudget },
        },
      }
      const parts: Part[] = []
      if (stream) {
        for await (const chunk of await client.models.generateContentStream(asked)) {
          parts.push(...(chunk.candidates?.[0]?.content?.parts ?? []))
        }
      } else {
        const answer = await client.models.generateContent(asked)
        parts.push(...(answer.candidates?.[0]?.content?.parts ?? []))
      }
      contents.push({ role: 'model', parts })
      return parts.flatMap(({ functionCall }, at) => {
        if (functionCall === undefined) return []
        const id = functionCall.id ?? `${contents.length}.${at}`
        calls.set(id, functionCall)
        return [{ id, name: functionCall.name ?? '' }]
      })
    },
  }
}

function mistralApplication({ url, key }: Place): Application {
  const client = new Mistral({ apiKey: key, serverURL: `${url}/mistral` })
  const messages: ChatCompletionRequestMessage[] = []
  return {
    say: (content) => void messages.push({ role: 'user', content }),
    answer: ({ id, name }, content) =>
      void messages.push({ role: 'tool', toolCallId: id, name, content }),
    ask: async (model) => {
      const tool = {
        type: 'function' as const,
        function: { name: NAME, description: DESCRIPTION, parameters: PARAMETERS },
      }
      const { choices } = await client.chat.complete({
        model,
        messages,
        tools: [tool],
        reasoningEffort: 'high',
      })
      const message = choices[0]?.message
      if (message === undefined) throw new Error('no answer')
      messages.push({ ...message, role: 'assistant' })
      return (message.toolCalls ?? []).map((call) => ({
        id: call.id ?? '',
        name: call.function.name,
      }))
    },
  }
}

function ollamaApplication({ url, key, stream }: Place): Application {
  const client = new Ollama({ host: url, headers: { authorization: `Bearer ${key}` } })
  const messages: Message[] = []
  return {
    say: (content) => void messages.push({ role: 'user', content }),
    answer: ({ name }, content) => void messages.push({ role: 'tool', tool_name: name, content }),
    ask: async (model) => {
      const tool = {
        type: 'function',
        function: { name: NAME, description: DESCRIPTION, parameters: PARAMETERS },
      }
      const asked = { model, messages, tools: [tool], think: true }
      const message: Message = { role: 'assistant', content: '' }
      if (stream) {
        for await (const { message: piece } of await client.chat({ ...asked, stream: true })) {
          message.content += piece.content
          if (piece.thinking !== undefined)
            message.thinking = `${message.thinking ?? ''}${piece.thinking}`
          if (piece.tool_calls !== undefined)
            message.tool_calls = [...(message.tool_calls ?? []), ...piece.tool_calls]
        }
      } else Object.assign(message, (await client.chat(asked)).message)
      messages.push(message)
      return (message.tool_calls ?? []).map((call, at) => ({
        id: String(at),
        name: call.function.name,
      }))
    },
  }
}

export interface ClientProtocol {
  readonly id: string
  readonly open: (place: Place) => Application
  /** Whether its messages have a place for a vendor's state; else the conversation must do without. */
  readonly carries: boolean
  readonly streams: readonly boolean[]
}

export const CLIENTS: readonly ClientProtocol[] = [
  { id: 'openai-chat', open: chatApplication, carries: true, streams: [false, true] },
  {
    id: 'openai-chat without fields of its own',
    open: (place) => chatApplication(place, documented),
    carries: false,
    streams: [false, true],
  },
  { id: 'openai-responses', open: responsesApplication, carries: true, streams: [false, true] },
  { id: 'anthropic-messages', open: messagesApplication, carries: true, streams: [false, true] },
  { id: 'gemini', open: geminiApplication, carries: true, streams: [false, true] },
  {
    id: 'gemini without thinking',
    open: (place) => geminiApplication(place, 0),
    carries: false,
    streams: [false, true],
  },
  { id: 'mistral-chat', open: mistralApplication, carries: true, streams: [false] },
  {
    id: 'ollama',
    open: ollamaApplication,
    carries: false,
    streams: [false, true],
  },
]
