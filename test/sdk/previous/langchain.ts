// LangChain.js in its previous major (0.3), with the chat models of the same age.
import { ChatAnthropic } from '@langchain/anthropic'
import {
  type BaseMessage,
  HumanMessage,
  SystemMessage,
  ToolMessage,
} from '@langchain/core/messages'
import { ChatGoogleGenerativeAI } from '@langchain/google-genai'
import { ChatMistralAI } from '@langchain/mistralai'
import { ChatOllama } from '@langchain/ollama'
import { ChatOpenAI } from '@langchain/openai'
import type { ClientKind } from '../clients/client.ts'
import { type ChainLibrary, chainKinds } from '../clients/langchain-models.ts'
import { as } from './older.ts'

export const previousChainClients: readonly ClientKind[] = chainKinds({
  major: '0.3',
  library: as<ChainLibrary>(
    {
      ChatAnthropic,
      ChatGoogleGenerativeAI,
      ChatMistralAI,
      ChatOllama,
      ChatOpenAI,
      HumanMessage,
      SystemMessage,
      ToolMessage,
      blocks: ({ content }: BaseMessage) => (Array.isArray(content) ? content : []),
    },
    ['ChatOpenAI', 'HumanMessage', 'blocks'],
  ),
})
