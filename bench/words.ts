// What the fake upstream says and what clients ask it: the same for every subject, so that none has less to do.

/** The model's name says how the upstream answers: at once, every 10 ms, once a second. */
export type Pace = 'm' | 'paced' | 'slow'

export const STREAM_CHUNKS = 200
/** Milliseconds between the chunks of a paced stream. */
export const PACED_MS = 10
export const SLOW_MS = 1000

export interface Asking {
  readonly model: string
  readonly stream?: boolean
  /** Bytes of text in the request besides; default: a short question. */
  readonly bytes?: number
}

/** A request of the Chat Completions protocol; `stream` stands first, as in no body by chance. */
export function chatBody({ model, stream = false, bytes = 0 }: Asking): string {
  const filling =
    bytes === 0 ? '' : ` ${'lorem ipsum '.repeat(Math.ceil(bytes / 12)).slice(0, bytes)}`
  return JSON.stringify({
    ...(stream ? { stream: true } : {}),
    model,
    max_tokens: 400,
    messages: [
      { role: 'system', content: 'You are a helpful assistant.' },
      { role: 'user', content: `Say something of no great length.${filling}` },
    ],
  })
}

const ANSWER =
  'The quick brown fox jumps over the lazy dog, and nobody who has seen it would call that a benchmark of anything but patience.'

export const OPENAI_ANSWER: string = JSON.stringify({
  id: 'chatcmpl-bench',
  object: 'chat.completion',
  created: 1_760_000_000,
  model: 'm',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: ANSWER },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  usage: { prompt_tokens: 21, completion_tokens: 27, total_tokens: 48 },
})

export const ANTHROPIC_ANSWER: string = JSON.stringify({
  id: 'msg_bench',
  type: 'message',
  role: 'assistant',
  model: 'm',
  content: [{ type: 'text', text: ANSWER }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 21, output_tokens: 27 },
})

/** One chunk of about 180 bytes as it goes over the wire; `text` is what it says. */
export function openAiChunk(text: string): string {
  return sse(
    `{"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1760000000,"model":"m","choices":[{"index":0,"delta":{"content":${JSON.stringify(text)}},"finish_reason":null}]}`,
  )
}

export const OPENAI_START: string = sse(
  '{"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1760000000,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}',
)
export const OPENAI_END: string =
  sse(
    '{"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1760000000,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}',
  ) +
  sse(
    '{"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1760000000,"model":"m","choices":[],"usage":{"prompt_tokens":21,"completion_tokens":200,"total_tokens":221}}',
  ) +
  sse('[DONE]')

export function anthropicChunk(text: string): string {
  return named(
    'content_block_delta',
    `{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":${JSON.stringify(text)}}}`,
  )
}

export const ANTHROPIC_START: string =
  named(
    'message_start',
    '{"type":"message_start","message":{"id":"msg_bench","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":21,"output_tokens":1}}}',
  ) +
  named(
    'content_block_start',
    '{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}',
  )
export const ANTHROPIC_END: string =
  named('content_block_stop', '{"type":"content_block_stop","index":0}') +
  named(
    'message_delta',
    '{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":200}}',
  ) +
  named('message_stop', '{"type":"message_stop"}')

function sse(data: string): string {
  return `data: ${data}\n\n`
}

function named(event: string, data: string): string {
  return `event: ${event}\n${sse(data)}`
}
