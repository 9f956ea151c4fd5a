// The simplest door: one message in, one answer out.
import { z } from 'zod'
import { compact } from '../../canonical/compact.ts'
import type { LLMProvider } from '../../providers/llm-provider.ts'
import { toChatRequest } from '../../providers/chat-message.ts'
import { isObject } from '../../wire/json.ts'
import { type ChatDesk, answerChat } from '../chat.ts'
import type { Asked, ChatFront } from '../chat-front.ts'
import { plainFront } from '../plain-front.ts'
import { writePlainError } from '../plain-error.ts'
import type { Call, Route } from '../route.ts'
import { validated } from '../validate.ts'
import { chatAnswer } from './schemas.ts'

const body = z.strictObject({
  message: z.string().min(1),
  model: z.string().optional().describe('Default: the selected model, else the default one.'),
  provider: z.string().optional(),
  system_prompt: z.string().optional(),
  stream: z.boolean().optional(),
})

export interface ChatRouteOptions {
  readonly desk: ChatDesk
  readonly llm: LLMProvider
}

/** Shares its path with a protocol whose bodies have `messages`; a body without them is meant for this one. */
export function chatRoute({ desk, llm }: ChatRouteOptions): Route {
  const frontOf = (call: Call): ChatFront => plainFront(askedIn(call, llm))
  return {
    method: 'POST',
    path: '/api/chat',
    access: 'client',
    endpoint: 'chat',
    claims: (hint) => isObject(hint.body) && !Object.hasOwn(hint.body, 'messages'),
    writeError: writePlainError,
    description: {
      summary: 'Send one message',
      group: 'chat',
      request: body,
      response: chatAnswer,
      streams: 'text/event-stream',
    },
    handle: async (call) => answerChat(desk, frontOf(call), call),
    chat: { protocol: 'patchbay', read: async (call) => ({ front: frontOf(call), call }) },
  }
}

function askedIn(call: Call, llm: LLMProvider): Asked {
  const asked = validated(body, call.body)
  const options = compact({ systemPrompt: asked.system_prompt })
  const model = asked.model ?? (asked.provider === undefined ? llm.selectedModel : undefined)
  return {
    request: {
      ...toChatRequest([{ role: 'user', content: asked.message }], model ?? '', options),
      stream: { enabled: asked.stream === true, includeUsage: true },
    },
    ...compact({ provider: asked.provider }),
    model: model ?? '',
  }
}
