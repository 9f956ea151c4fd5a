// The six upstreams.
import type { Vendor } from '../vendor.ts'
import { anthropicVendor } from './anthropic-messages.ts'
import { geminiVendor } from './gemini.ts'
import { mistralVendor } from './mistral-chat.ts'
import { ollamaVendor } from './ollama.ts'
import { openaiChatVendor } from './openai-chat.ts'
import { openaiResponsesVendor } from './openai-responses.ts'

export const vendors: readonly Vendor[] = [
  openaiChatVendor,
  openaiResponsesVendor,
  anthropicVendor,
  geminiVendor,
  mistralVendor,
  ollamaVendor,
]
