// The grammars of the wires, by dialect.
import { anthropicMessagesWire } from './wires/anthropic-messages.arbitrary.ts'
import { geminiWire } from './wires/gemini.arbitrary.ts'
import type { WireGrammar } from './wires/grammar.ts'
import { mistralChatWire } from './wires/mistral-chat.arbitrary.ts'
import { ollamaWire } from './wires/ollama.arbitrary.ts'
import { openaiChatWire } from './wires/openai-chat.arbitrary.ts'
import { openaiResponsesWire } from './wires/openai-responses.arbitrary.ts'

export const wires: Readonly<Record<string, WireGrammar>> = {
  'anthropic-messages': anthropicMessagesWire,
  gemini: geminiWire,
  'mistral-chat': mistralChatWire,
  ollama: ollamaWire,
  'openai-chat': openaiChatWire,
  'openai-responses': openaiResponsesWire,
}
