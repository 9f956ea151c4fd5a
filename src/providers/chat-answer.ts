// The library's plain answer: the text first, everything else beside it.
import { compact } from '../canonical/compact.ts'
import type { Cost } from '../canonical/cost.ts'
import type { Note } from '../canonical/note.ts'
import { type Part, textOf } from '../canonical/part.ts'
import type { Candidate, ChatResponse, FinishReason } from '../canonical/response.ts'
import { type Usage, totalTokens } from '../canonical/usage.ts'
import { type ToolCall, toolCallsOf } from './chat-message.ts'

/** Exported from the package as `ChatResponse`. */
export interface ChatAnswer {
  readonly content: string
  readonly model: string
  /** The name of the provider that answered. */
  readonly provider: string
  /** How many times a provider was asked for it, failures too; absent where nobody counted. */
  readonly attempts?: number
  /** It was given before, to a call that was the same. */
  readonly cached?: true
  /** Input and output together; absent where the provider does not say. */
  readonly tokensUsed?: number
  /** From the call to the last byte, in milliseconds. */
  readonly latencyMs: number
  readonly finishReason?: FinishReason
  readonly usage?: Usage
  /** What the call cost; absent where tokens or price are not known, 0 where the model runs on a machine of your own. */
  readonly cost?: Cost
  readonly toolCalls: readonly ToolCall[]
  /** Everything the model said: text, reasoning, calls, media, in order. */
  readonly parts: readonly Part[]
  /** What the translation to the provider's protocol changed or lost. */
  readonly notes: readonly Note[]
  /** The whole answer in the canonical model; absent from plugins that only have text. */
  readonly raw?: ChatResponse
}

/** What is known around an answer. */
export interface AnswerContext {
  readonly provider: string
  readonly latencyMs: number
  readonly notes: readonly Note[]
  readonly cost?: Cost | undefined
  readonly attempts?: number | undefined
  readonly cached?: true | undefined
}

export function toChatAnswer(response: ChatResponse, context: AnswerContext): ChatAnswer {
  const first = response.candidates[0]
  const parts = first?.parts ?? []
  return compact({
    content: textOf(parts),
    model: response.model,
    provider: context.provider,
    attempts: context.attempts,
    cached: context.cached,
    tokensUsed: totalTokens(response.usage),
    latencyMs: context.latencyMs,
    finishReason: first?.finish?.reason,
    usage: response.usage,
    cost: context.cost,
    toolCalls: toolCallsOf(parts),
    parts,
    notes: context.notes,
    raw: response,
  })
}

/** The least a plugin's `chat` must give; the rest is filled in. */
export type MinimalAnswer = Pick<ChatAnswer, 'content'> & Partial<ChatAnswer>

/** For plugins: an answer from its text, or from its text and whatever else is known. */
export function textAnswer(answer: string | MinimalAnswer): ChatAnswer {
  const known = typeof answer === 'string' ? { content: answer } : answer
  return {
    model: '',
    provider: '',
    latencyMs: 0,
    toolCalls: [],
    notes: [],
    ...known,
    parts: known.parts ?? partsOf(known),
  }
}

/** A plugin's answer as the canonical response it stands for. */
export function fromChatAnswer(answer: MinimalAnswer, model: string): ChatResponse {
  if (answer.raw !== undefined) return answer.raw
  const calls = answer.toolCalls ?? []
  const candidate: Candidate = {
    index: 0,
    parts: answer.parts ?? partsOf(answer),
    finish: { reason: answer.finishReason ?? (calls.length === 0 ? 'stop' : 'tool-calls') },
  }
  const usage =
    answer.usage ?? (answer.tokensUsed === undefined ? undefined : { total: answer.tokensUsed })
  return compact({
    origin: { dialect: 'library' },
    model: answer.model === undefined || answer.model === '' ? model : answer.model,
    candidates: [candidate],
    usage,
  })
}

function partsOf(answer: MinimalAnswer): readonly Part[] {
  const text: readonly Part[] =
    answer.content === '' ? [] : [{ type: 'text', text: answer.content }]
  const calls = (answer.toolCalls ?? []).map((call) => ({
    type: 'tool-call' as const,
    kind: 'function' as const,
    callId: call.id,
    name: call.name,
    arguments: compact({ text: call.arguments, json: call.json }),
  }))
  return [...text, ...calls]
}
