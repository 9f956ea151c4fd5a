// The official SDK of each protocol as a reader: what it has in hand at the end of a whole answer, and of a stream.
import Anthropic from '@anthropic-ai/sdk'
import { type GenerateContentResponse, GoogleGenAI } from '@google/genai'
import { HTTPClient, Mistral } from '@mistralai/mistralai'
import type { CompletionEvent } from '@mistralai/mistralai/models/components'
import { type ChatResponse as OllamaAnswer, Ollama } from 'ollama'
import OpenAI from 'openai'

export type Fetch = () => Promise<Response>

/** What a client has in hand at the end, by whichever way the answer came. */
export interface Final {
  readonly text: string
  readonly thinking: string
  readonly calls: readonly unknown[]
  readonly finish: unknown
  readonly counts: readonly unknown[]
}

export interface Reader {
  whole(fetch: Fetch): Promise<Final>
  stream(fetch: Fetch): Promise<Final>
}

const messages = [{ role: 'user' as const, content: 'Hi' }]

function chatFinal({ choices, usage }: OpenAI.ChatCompletion): Final {
  const [choice] = choices
  return {
    text: `${choice?.message.content ?? ''}|${choice?.message.refusal ?? ''}`,
    // The helper keeps the last piece of a field that it does not know.
    thinking: '',
    calls: (choice?.message.tool_calls ?? []).map((call) =>
      call.type === 'function' ? [call.id, call.function.name, call.function.arguments] : [],
    ),
    finish: choice?.finish_reason,
    counts: [usage?.prompt_tokens, usage?.completion_tokens],
  }
}

function openai(fetch: Fetch): OpenAI {
  return new OpenAI({ apiKey: 'k', maxRetries: 0, fetch })
}

function messageFinal({ content, stop_reason: finish, usage }: Anthropic.Message): Final {
  return {
    text: content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
    thinking: content
      .map((block) => (block.type === 'thinking' ? `${block.thinking}#${block.signature}` : ''))
      .join(''),
    calls: content.flatMap((block) =>
      block.type === 'tool_use' ? [[block.id, block.name, block.input]] : [],
    ),
    finish,
    counts: [usage.input_tokens, usage.output_tokens],
  }
}

function anthropic(fetch: Fetch): Anthropic {
  return new Anthropic({ apiKey: 'k', maxRetries: 0, fetch })
}

function geminiFinal(chunks: readonly GenerateContentResponse[]): Final {
  const pieces = chunks
    .flatMap(({ candidates }) => candidates ?? [])
    .filter(({ index }) => index === 0)
  const parts = pieces.flatMap(({ content }) => content?.parts ?? [])
  const usage = chunks.at(-1)?.usageMetadata
  return {
    text: parts.map(({ text = '', thought }) => (thought === true ? '' : text)).join(''),
    thinking: parts.map(({ text = '', thought }) => (thought === true ? text : '')).join(''),
    calls: parts.flatMap(({ functionCall }) => (functionCall === undefined ? [] : [functionCall])),
    finish: pieces.at(-1)?.finishReason,
    counts: [usage?.promptTokenCount, usage?.candidatesTokenCount],
  }
}

function google(fetch: Fetch): GoogleGenAI {
  return new GoogleGenAI({ apiKey: 'k', httpOptions: { fetch } })
}

type Choice = CompletionEvent['data']['choices'][number]

function mistralText(content: Choice['delta']['content'], kind: 'text' | 'thinking'): string {
  if (typeof content === 'string') return kind === 'text' ? content : ''
  return (content ?? [])
    .map((chunk) => {
      if (chunk.type === 'text' && kind === 'text') return chunk.text
      if (chunk.type !== 'thinking' || kind === 'text') return ''
      return chunk.thinking.map((inner) => (inner.type === 'text' ? inner.text : '')).join('')
    })
    .join('')
}

function mistralFinal(
  said: readonly { readonly delta: Choice['delta']; readonly finish: unknown }[],
  usage: { promptTokens?: number | undefined; completionTokens?: number | undefined } | undefined,
): Final {
  return {
    text: said.map(({ delta }) => mistralText(delta.content, 'text')).join(''),
    thinking: said.map(({ delta }) => mistralText(delta.content, 'thinking')).join(''),
    calls: said.flatMap(({ delta }) =>
      (delta.toolCalls ?? []).map((call) => [call.id, call.function.name, call.function.arguments]),
    ),
    finish: said.map(({ finish }) => finish).findLast((finish) => finish !== null),
    counts: [usage?.promptTokens ?? 0, usage?.completionTokens ?? 0],
  }
}

function mistral(fetch: Fetch): Mistral {
  return new Mistral({ apiKey: 'k', httpClient: new HTTPClient({ fetcher: fetch }) })
}

const asked = { model: 'm', messages }

export const READERS: Readonly<Record<string, Reader>> = {
  'openai-chat': {
    whole: async (fetch) => chatFinal(await openai(fetch).chat.completions.create(asked)),
    stream: async (fetch) => {
      const options = { ...asked, stream_options: { include_usage: true } }
      return chatFinal(await openai(fetch).chat.completions.stream(options).finalChatCompletion())
    },
  },
  'openai-responses': {
    whole: async (fetch) =>
      responseFinal(await openai(fetch).responses.create({ model: 'm', input: 'Hi' })),
    stream: async (fetch) =>
      responseFinal(
        await openai(fetch).responses.stream({ model: 'm', input: 'Hi' }).finalResponse(),
      ),
  },
  'anthropic-messages': {
    whole: async (fetch) =>
      messageFinal(await anthropic(fetch).messages.create({ ...asked, max_tokens: 9 })),
    stream: async (fetch) =>
      messageFinal(
        await anthropic(fetch)
          .messages.stream({ ...asked, max_tokens: 9 })
          .finalMessage(),
      ),
  },
  gemini: {
    whole: async (fetch) =>
      geminiFinal([await google(fetch).models.generateContent({ model: 'm', contents: 'Hi' })]),
    stream: async (fetch) =>
      geminiFinal(
        await Array.fromAsync(
          await google(fetch).models.generateContentStream({ model: 'm', contents: 'Hi' }),
        ),
      ),
  },
  'mistral-chat': {
    whole: async (fetch) => {
      const { choices, usage } = await mistral(fetch).chat.complete(asked)
      const first = choices.filter(({ index }) => index === 0)
      return mistralFinal(
        first.map(({ message, finishReason }) => ({ delta: message ?? {}, finish: finishReason })),
        usage,
      )
    },
    stream: async (fetch) => {
      const events = await Array.fromAsync(await mistral(fetch).chat.stream(asked))
      const first = events.flatMap(({ data }) => data.choices).filter(({ index }) => index === 0)
      return mistralFinal(
        first.map(({ delta, finishReason }) => ({ delta, finish: finishReason })),
        events.at(-1)?.data.usage,
      )
    },
  },
  ollama: {
    whole: async (fetch) => ollamaFinal([await new Ollama({ fetch }).chat(asked)]),
    stream: async (fetch) =>
      ollamaFinal(
        await Array.fromAsync(await new Ollama({ fetch }).chat({ ...asked, stream: true })),
      ),
  },
}

function responseFinal({
  output,
  output_text: text,
  status,
  usage,
}: OpenAI.Responses.Response): Final {
  return {
    text,
    thinking: output
      .flatMap((item) =>
        item.type === 'reasoning' ? [[item.summary, item.encrypted_content]] : [],
      )
      .map((item) => JSON.stringify(item))
      .join(''),
    calls: output.flatMap((item) =>
      item.type === 'function_call' ? [[item.call_id, item.name, item.arguments]] : [],
    ),
    finish: status,
    counts: [usage?.input_tokens, usage?.output_tokens],
  }
}

function ollamaFinal(lines: readonly OllamaAnswer[]): Final {
  const last = lines.at(-1)
  return {
    text: lines.map(({ message }) => message.content).join(''),
    thinking: lines.map(({ message }) => message.thinking ?? '').join(''),
    calls: lines.flatMap(({ message }) => (message.tool_calls ?? []).map((call) => call.function)),
    finish: last?.done_reason,
    counts: [last?.prompt_eval_count, last?.eval_count],
  }
}
