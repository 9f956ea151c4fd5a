// A provider for the tests of programs that use this library: it says what it was told to, and remembers what it was asked.
import { compact } from '../canonical/compact.ts'
import type { ModelCard } from '../canonical/model-card.ts'
import { BaseProvider } from './base-provider.ts'
import { type ChatAnswer, type MinimalAnswer, textAnswer } from './chat-answer.ts'
import { type ChatMessage, type ChatOptions, messageText } from './chat-message.ts'
import type { EmbedOptions, MinimalEmbedAnswer } from './embed-answer.ts'
import type { ProviderConfig } from './provider-config.ts'

/** One call as a provider sees it. */
export interface ScriptedCall {
  readonly messages: readonly ChatMessage[]
  readonly model?: string
  readonly options?: ChatOptions
}

/** What to answer: a text, an answer with more to it, a failure to throw, or a function of the call that gives one of them. */
export type ScriptedReply =
  | string
  | MinimalAnswer
  | Error
  | ((call: ScriptedCall) => string | MinimalAnswer | Error)

export interface ScriptedProviderOptions extends Partial<ProviderConfig> {
  /** In order; the last one answers all further calls. Default: the text of the last message, as an echo. */
  readonly replies?: readonly ScriptedReply[]
}

/** Needs no network. Its model is `scripted` unless `models` says otherwise. */
export class ScriptedProvider extends BaseProvider {
  readonly #replies: readonly ScriptedReply[]
  readonly #calls: ScriptedCall[] = []

  constructor(options: ScriptedProviderOptions = {}) {
    const { replies = [], ...config } = options
    super({ providerType: 'scripted', name: 'scripted', ...config })
    this.#replies = replies
  }

  /** What it was asked so far. */
  get calls(): readonly ScriptedCall[] {
    return this.#calls
  }

  override async chat(
    messages: readonly ChatMessage[],
    model?: string,
    options?: ChatOptions,
  ): Promise<ChatAnswer> {
    const call = compact({ messages, model, options })
    const reply = this.#replies[Math.min(this.#calls.length, this.#replies.length - 1)] ?? echo
    this.#calls.push(call)
    const said = typeof reply === 'function' ? reply(call) : reply
    if (said instanceof Error) throw said
    return textAnswer(said)
  }

  /** Texts of like letters have like vectors, of length one. */
  override async embed(
    inputs: readonly string[],
    _model?: string,
    { dimensions = 8 }: EmbedOptions = {},
  ): Promise<MinimalEmbedAnswer> {
    return { vectors: inputs.map((text) => letterVector(text, dimensions)) }
  }

  override async listModels(): Promise<string[]> {
    return [...(this.config.models ?? ['scripted'])]
  }

  override get listsFreely(): boolean {
    return true
  }

  override async knownModels(): Promise<readonly ModelCard[]> {
    return this.describeModels()
  }

  override async healthCheck(): Promise<boolean> {
    return true
  }
}

function echo({ messages }: ScriptedCall): string {
  return messageText(messages.at(-1))
}

function letterVector(text: string, dimensions: number): readonly number[] {
  const counts = Array.from({ length: dimensions }, () => 0)
  for (const letter of text) {
    const at = (letter.codePointAt(0) ?? 0) % dimensions
    counts[at] = (counts[at] ?? 0) + 1
  }
  const length = Math.hypot(...counts) || 1
  return counts.map((count) => count / length)
}
