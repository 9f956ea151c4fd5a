// What a request in any protocol would do, found out without calling anybody.
import { z } from 'zod'
import { GatewayError } from '../../canonical/errors.ts'
import { POLICIES } from '../../canonical/note.ts'
import type { Dialect } from '../../dialects/dialect.ts'
import type { ChatExchange } from '../../exchange/exchange.ts'
import type { Explanation } from '../../pipeline/explanation.ts'
import type { Json } from '../../wire/json.ts'
import type { WireResponse } from '../../wire/message.ts'
import { inOwnWords } from '../asking.ts'
import { exchangeOf, readChat } from '../chat.ts'
import { clientError } from '../client-error.ts'
import { jsonAnswer } from '../message.ts'
import type { ModelDirectory, Recalled } from '../model-directory.ts'
import { writePlainError } from '../plain-error.ts'
import type { Route } from '../route.ts'
import { type SupposedCall, SupposedCalls, type Supposition } from '../supposed-call.ts'
import { validated } from '../validate.ts'
import { explanationView, refusedView } from './explanation-view.ts'
import { explanation } from './schemas.ts'

const body = z.strictObject({
  body: z
    .custom<Json>((value) => value !== undefined, 'give the body of the request')
    .describe('The body of the request: as JSON, or as its exact text.'),
  dialect: z
    .string()
    .optional()
    .describe('Its protocol. Default: what the path or the body says without doubt.'),
  path: z.string().startsWith('/').optional().describe('Where it would be sent.'),
  headers: z.record(z.string(), z.string()).optional().describe('With which headers.'),
  model: z.string().min(1).optional().describe('Another target than the one that it names.'),
  policy: z.enum(POLICIES).optional().describe('Another policy than the usual one.'),
})

export interface ExplainRouteOptions {
  readonly directory: ModelDirectory
  readonly explain: (exchange: ChatExchange) => Promise<Explanation>
  readonly dialects: readonly Dialect[]
  /** All routes that chat, among others. */
  readonly chats: readonly Route[]
}

export function explainRoute(options: ExplainRouteOptions): Route {
  const calls = new SupposedCalls(options.dialects, options.chats)
  return {
    method: 'POST',
    path: '/api/explain',
    access: 'known',
    endpoint: 'explain',
    writeError: writePlainError,
    description: {
      summary: 'Explain what a request would do, without calling anybody',
      group: 'chat',
      request: body,
      response: explanation,
    },
    handle: async (call) => {
      const supposition = validated(body, call.body)
      const supposed = calls.suppose(supposition, call)
      return jsonAnswer(await explanationOf(supposed, supposition, options))
    },
  }
}

async function explanationOf(
  supposed: SupposedCall,
  supposition: Supposition,
  { directory, explain }: ExplainRouteOptions,
): Promise<Json> {
  const { reader, route } = supposed
  const { protocol } = reader
  let recalled: Recalled | undefined
  const refusalOf = (thrown: unknown): WireResponse =>
    route.writeError(clientError(thrown), supposed.call.id)
  try {
    const { front, call } = await reader.read(supposed.call)
    const asked = readChat(front, call)
    const { model } = supposition
    recalled = await directory.recall(model === undefined ? asked : { model }, call.caller)
    const { outcome } = recalled
    if (outcome instanceof GatewayError) throw outcome
    const fieldOf = (path: string): string | undefined => front.fieldName?.(path, asked.request)
    const found = await explain(exchangeOf(front, call, { asked, resolution: outcome }))
    const { refusal } = found
    const told = refusal === undefined ? undefined : inOwnWords(refusal, fieldOf)
    const answer = told === undefined ? undefined : refusalOf(told)
    return explanationView(found, {
      protocol,
      recalled,
      refusal: answer,
      caller: call.caller,
      fieldOf,
    })
  } catch (thrown) {
    if (isNoAnswer(clientError(thrown))) throw thrown
    return refusedView({ protocol, recalled, refusal: refusalOf(thrown) })
  }
}

/** What a caller may not use it may not explain; and our own faults are no refusals. */
function isNoAnswer({ kind, origin }: GatewayError): boolean {
  return kind === 'internal' || (kind === 'auth' && origin === 'client')
}
