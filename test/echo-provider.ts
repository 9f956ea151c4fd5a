// A provider with only the three methods that a plugin must write.
import { BaseProvider } from '../src/providers/base-provider.ts'
import { type ChatAnswer, textAnswer } from '../src/providers/chat-answer.ts'
import type { ChatMessage } from '../src/providers/chat-message.ts'

export class EchoProvider extends BaseProvider {
  /** What each call was asked. */
  readonly asked: (readonly ChatMessage[])[] = []
  closed = 0

  override async chat(messages: readonly ChatMessage[], model?: string): Promise<ChatAnswer> {
    this.asked.push(messages)
    const { content = '' } = messages.at(-1) ?? {}
    const said = typeof content === 'string' ? content : 'parts'
    return textAnswer({ content: `${model ?? 'nobody'} heard ${said}`, tokensUsed: 5 })
  }

  override async listModels(): Promise<string[]> {
    return ['parrot']
  }

  override async healthCheck(): Promise<boolean> {
    return true
  }

  override async close(): Promise<void> {
    this.closed += 1
  }
}

export function echo(name: string): EchoProvider {
  return new EchoProvider({ providerType: 'echo', name })
}
