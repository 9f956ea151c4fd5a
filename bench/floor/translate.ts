// The least that translation can be: one request shape to another and back, for what the benchmark says and nothing else.

interface Translated {
  readonly text: string
  readonly isStream: boolean
}

export function toAnthropic(text: string): Translated {
  const { model, stream, max_tokens: limit, messages } = JSON.parse(text)
  const system = messages.filter(({ role }: Message) => role === 'system')
  const turns = messages.filter(({ role }: Message) => role !== 'system')
  return {
    isStream: stream === true,
    text: JSON.stringify({
      ...(stream === true ? { stream } : {}),
      model,
      max_tokens: limit ?? 1024,
      system: system.map(({ content }: Message) => content).join('\n'),
      messages: turns.map(({ role, content }: Message) => ({ role, content })),
    }),
  }
}

interface Message {
  readonly role: string
  readonly content: string
}

export function toOpenAi(text: string): string {
  const { id, model, content, usage } = JSON.parse(text)
  return JSON.stringify({
    id,
    object: 'chat.completion',
    created: 1_760_000_000,
    model,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: content[0].text },
        finish_reason: 'stop',
      },
    ],
    usage: {
      prompt_tokens: usage.input_tokens,
      completion_tokens: usage.output_tokens,
      total_tokens: usage.input_tokens + usage.output_tokens,
    },
  })
}

/** From frames of Messages to chunks of Chat Completions, as they come. */
export function translator(): (bytes: Buffer) => string {
  let rest = ''
  return (bytes) => {
    rest += bytes.toString()
    const frames = rest.split('\n\n')
    rest = frames.pop() ?? ''
    let out = ''
    for (const frame of frames) {
      const data = frame.slice(frame.indexOf('data: ') + 6)
      out += translated(JSON.parse(data))
    }
    return out
  }
}

function translated(event: {
  readonly type: string
  readonly delta?: { readonly text?: string }
}): string {
  switch (event.type) {
    case 'message_start':
      return chunk({ role: 'assistant', content: '' }, null)
    case 'content_block_delta':
      return chunk({ content: event.delta?.text }, null)
    case 'message_delta':
      return chunk({}, 'stop')
    case 'message_stop':
      return 'data: [DONE]\n\n'
    default:
      return ''
  }
}

function chunk(delta: object, finish: string | null): string {
  return `data: ${JSON.stringify({ id: 'chatcmpl-bench', object: 'chat.completion.chunk', created: 1_760_000_000, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`
}
