// LangChain.js in its current major, with the chat models of the same age.
import { ChatAnthropic } from '@langchain/anthropic'
import { HumanMessage, SystemMessage, ToolMessage } from '@langchain/core/messages'
import { ChatGoogleGenerativeAI } from '@langchain/google-genai'
import { ChatMistralAI } from '@langchain/mistralai'
import { ChatOllama } from '@langchain/ollama'
import { ChatOpenAI } from '@langchain/openai'
import type { ClientKind } from './client.ts'
import { chainKinds } from './langchain-models.ts'

export const chainClients: readonly ClientKind[] = chainKinds({
  major: '1',
  library: {
    ChatAnthropic,
    ChatGoogleGenerativeAI,
    ChatMistralAI,
    ChatOllama,
    ChatOpenAI,
    HumanMessage,
    SystemMessage,
    ToolMessage,
    blocks: ({ contentBlocks }) => contentBlocks,
    schema: (schema) => schema,
  },
})
