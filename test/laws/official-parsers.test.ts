// Law 14: the official SDK of each protocol takes every stream that we write, and makes of it what it makes of the whole answer.
import Anthropic from '@anthropic-ai/sdk'
import { type GenerateContentResponse, GoogleGenAI } from '@google/genai'
import { HTTPClient, Mistral } from '@mistralai/mistralai'
import type { CompletionEvent } from '@mistralai/mistralai/models/components'
import fc from 'fast-check'
import { type ChatResponse as OllamaAnswer, Ollama } from 'ollama'
import OpenAI from 'openai'
import { expect, it } from 'vitest'
import { explode } from '../../src/canonical/explode.ts'
import type { Part } from '../../src/canonical/part.ts'
import type { ChatResponse } from '../../src/canonical/response.ts'
import { responseArbitrary } from '../../src/canonical/response.arbitrary.ts'
import { judge } from '../../src/dialects/anthropic-messages/message-automaton.arbitrary.ts'
import type { Dialect } from '../../src/dialects/dialect.ts'
import { encodeStream } from '../../src/dialects/dialect.contract.ts'
import { faultsOfStream } from '../../src/dialects/mistral-chat/strict-client.contract.ts'
import type { Frame } from '../../src/wire/frame.ts'
import { CONTENT_TYPES, writeFrame } from '../../src/wire/framing.ts'
import { type Json, isObject, tryParseJson } from '../../src/wire/json.ts'
import { RUNS, each, encoding } from './ground.ts'

type Fetch = () => Promise<Response>

/** What a client has in hand at the end, by whichever way the answer came. */
interface Final {
  readonly text: string
  readonly thinking: string
  readonly calls: readonly unknown[]
  readonly finish: unknown
  readonly counts: readonly unknown[]
}

interface Reader {
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

const READERS: Readonly<Record<string, Reader>> = {
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

/** Answers that a wire can hold: one candidate where it has one, calls whose arguments are objects. */
const responses: fc.Arbitrary<ChatResponse> = responseArbitrary.map((response) => ({
  ...response,
  model: 'made',
  candidates: response.candidates.slice(0, 1).map((candidate) => ({
    ...candidate,
    parts: candidate.parts.map((part, at): Part => {
      if (part.type === 'image' || part.type === 'audio') return { type: 'text', text: 'x' }
      if (part.type !== 'tool-call') return part
      const { json = {} } = part.arguments
      const said = { text: JSON.stringify(json), json }
      return { ...part, name: `f${at}`, callId: `call_${at}`, arguments: said }
    }),
  })),
}))

/** The first thing that the wire's own grammar forbids, told by its automaton. */
const FAULTS: Readonly<Record<string, (frames: readonly Frame[]) => unknown>> = {
  'anthropic-messages': (frames) => judge(frames).wrong,
  'mistral-chat': (frames) => faultsOfStream(frames).at(0),
  'openai-chat': (frames) =>
    inOrder(frames, (value, at) => {
      const choices = value['choices']
      if (!Array.isArray(choices)) return 'a chunk without choices'
      if (value['id'] === '' || value['error'] !== undefined)
        return 'a chunk without an id, or with an error'
      return at === 0 && !JSON.stringify(value).includes('"role":"assistant"')
        ? 'no role first'
        : undefined
    }),
  'openai-responses': (frames) =>
    inOrder(frames, (value, at) => {
      if (value['sequence_number'] !== at)
        return `number ${String(value['sequence_number'])} at ${at}`
      return at === 0 && value['type'] !== 'response.created' ? 'not created first' : undefined
    }),
  gemini: (frames) =>
    inOrder(frames, (value) =>
      Array.isArray(value['candidates']) ||
      value['promptFeedback'] !== undefined ||
      isObject(value['usageMetadata'])
        ? undefined
        : 'a chunk that says nothing',
    ),
  ollama: (frames) =>
    inOrder(frames, (value, at) => {
      const last = at === frames.length - 1
      return value['done'] === last ? undefined : `done is ${String(value['done'])} at ${at}`
    }),
}

function inOrder(
  frames: readonly Frame[],
  fault: (value: Readonly<Record<string, Json | undefined>>, at: number) => string | undefined,
): string | undefined {
  return frames
    .filter(({ data }) => data !== '' && data !== '[DONE]')
    .map(({ data }, at) => {
      const value = tryParseJson(data)
      return isObject(value) ? fault(value, at) : 'a frame that is no object'
    })
    .find((wrong) => wrong !== undefined)
}

function fetchOf(body: string, headers: Readonly<Record<string, string>>, status = 200): Fetch {
  return async () => new Response(body, { status, headers })
}

async function bothOf(to: Dialect, response: ChatResponse): Promise<readonly [Final, Final]> {
  const reader = READERS[to.id]
  if (reader === undefined) throw new Error(`no client of ${to.id}`)
  const wire = to.response.encode(response, encoding(to)).value
  const frames = encodeStream(to, [...explode(response)], encoding(to))
  expect(FAULTS[to.id]?.(frames)).toBeUndefined()
  const text = frames.map((frame) => writeFrame(to.framing, frame)).join('')
  const json = fetchOf(
    JSON.stringify(wire.body),
    { 'content-type': 'application/json' },
    wire.status,
  )
  const sse = fetchOf(text, { 'content-type': CONTENT_TYPES[to.framing] })
  return [await reader.whole(json), await reader.stream(sse)]
}

each('clients of $id', (to) => {
  it('14: the official parser takes every stream, and has at its end what it has of the whole answer', async () => {
    let read = 0
    await fc.assert(
      fc.asyncProperty(responses, async (response) => {
        if (response.candidates.length === 0) return
        if (to.response.encode(response, encoding(to)).value.status !== 200) return
        read += 1
        const [whole, stream] = await bothOf(to, response)
        expect(stream).toEqual(whole)
      }),
      RUNS,
    )
    expect(read).toBeGreaterThan(RUNS.numRuns / 2)
  })
})
