// A conversation with any provider by name: one message or a list of them in, text and counts out.
import { z } from 'zod'
import { compact } from '../../canonical/compact.ts'
import { type ChatMessage, toChatRequest } from '../../providers/chat-message.ts'
import { type ChatDesk, answerChat } from '../chat.ts'
import type { ChatFront } from '../chat-front.ts'
import { plainFront } from '../plain-front.ts'
import { writePlainError } from '../plain-error.ts'
import type { Call, Route } from '../route.ts'
import { refused, validated, withQuery } from '../validate.ts'
import { chatAnswer } from './schemas.ts'

const message = z.strictObject({
  role: z.enum(['system', 'developer', 'user', 'assistant']),
  content: z.string(),
})

const body = z.strictObject({
  message: z.string().min(1).optional().describe('One user message; instead of `messages`.'),
  messages: z.array(message).min(1).optional(),
  provider: z.string().optional().describe('Default: the default provider.'),
  model: z.string().optional().describe("Default: the provider's default model."),
  stream: z.boolean().optional(),
})

export function chatMultiRoute(desk: ChatDesk): Route {
  return {
    method: 'POST',
    path: '/api/chat/multi',
    access: 'client',
    endpoint: 'chat',
    writeError: writePlainError,
    description: {
      summary: 'Chat with a chosen provider',
      group: 'chat',
      request: body,
      requestInQuery: true,
      response: chatAnswer,
      streams: 'text/event-stream',
    },
    handle: async (call) => answerChat(desk, frontOf(call), call),
    chat: { protocol: 'patchbay-multi', read: async (call) => ({ front: frontOf(call), call }) },
  }
}

function frontOf(call: Call): ChatFront {
  const asked = validated(body, withQuery(body, call))
  const model = asked.model ?? ''
  return plainFront({
    request: {
      ...toChatRequest(conversation(asked), model),
      stream: { enabled: asked.stream === true, includeUsage: true },
    },
    ...compact({ provider: asked.provider }),
    model,
  })
}

function conversation(asked: z.infer<typeof body>): readonly ChatMessage[] {
  if (asked.message !== undefined && asked.messages !== undefined) {
    throw refused('message', 'Give "message" or "messages", not both.')
  }
  if (asked.messages !== undefined) return asked.messages
  if (asked.message !== undefined) return [{ role: 'user', content: asked.message }]
  throw refused('message', 'Give a "message", or "messages".', 'missing')
}
