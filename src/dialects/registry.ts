// The dialects that Patchbay speaks; adding one here adds a client API and a provider API at once.
import { anthropicMessages } from './anthropic-messages/dialect.ts'
import type { Dialect } from './dialect.ts'
import { gemini } from './gemini/dialect.ts'
import { mistralChat } from './mistral-chat/dialect.ts'
import { ollama } from './ollama/dialect.ts'
import { openaiChat } from './openai-chat/dialect.ts'
import { openaiResponses } from './openai-responses/dialect.ts'

export const dialects: readonly Dialect[] = [
  openaiChat,
  openaiResponses,
  anthropicMessages,
  gemini,
  mistralChat,
  ollama,
]

const byId = new Map(dialects.map((dialect) => [dialect.id, dialect]))

/** The dialect of that id, or undefined where there is none. */
export function dialectById(id: string): Dialect | undefined {
  return byId.get(id)
}
