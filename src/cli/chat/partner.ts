// Who answers a chat at the terminal: a running server or the library itself, behind one door.
import type { Json } from '../../wire/json.ts'

export interface Line {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: string
}

export interface Question {
  /** The whole conversation so far, the question last. */
  readonly lines: readonly Line[]
  /** Absent: the default one. */
  readonly provider?: string
  /** A model, `provider/model` or an alias; absent: the default one. */
  readonly model?: string
  readonly signal: AbortSignal
  /** Called with each piece of text as it comes. */
  readonly onText: (text: string) => void
}

export interface Answer {
  readonly content: string
  readonly provider?: string
  readonly model?: string
  readonly finishReason?: string
  /** Input and output tokens together, when they were told. */
  readonly tokens?: number
  /** From the question to the last byte, in milliseconds. */
  readonly latencyMs: number
}

export interface Partner {
  /** Throws CommandFailure or GatewayError; an aborted signal makes it reject. */
  ask(question: Question): Promise<Answer>
  close(): Promise<void>
}

/** The answer in the words of the REST API. */
export function answerJson(answer: Answer): Json {
  return {
    response: answer.content,
    ...(answer.model === undefined ? {} : { model: answer.model }),
    ...(answer.provider === undefined ? {} : { provider: answer.provider }),
    ...(answer.tokens === undefined ? {} : { tokens: answer.tokens }),
    ...(answer.finishReason === undefined ? {} : { finish_reason: answer.finishReason }),
    latency_ms: answer.latencyMs,
  }
}
