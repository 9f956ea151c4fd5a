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
import { type ClientKind, jsonSchema } from '../clients/client.ts'
import { type ChainLibrary, chainKinds } from '../clients/langchain-models.ts'
import { as } from './older.ts'

export const previousChainClients: readonly ClientKind[] = chainKinds({
  major: '0.3',
  blind: {
    'ChatOpenAI, Chat Completions': ['thinking'],
    // A parser by a schema gets the parts of the text; of what the model thought it keeps one item, and sends none.
    'ChatOpenAI, Responses': ['schema', 'thinking-loop', 'cut-streams'],
    ChatAnthropic: ['cached', 'schema'],
    ChatGoogleGenerativeAI: ['cached', 'unsigned', 'filters'],
    ChatMistralAI: ['stream-ends'],
    // What the model thought is text to it.
    ChatOllama: ['schema', 'thinking', 'thinking-loop', 'callless'],
  },
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
      schema: jsonSchema,
    },
    ['ChatOpenAI', 'HumanMessage', 'blocks'],
  ),
})
