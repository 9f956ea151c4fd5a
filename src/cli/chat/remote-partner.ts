// Chatting through a running Patchbay, by its own chat endpoint, always streamed.
import { compact } from '../../canonical/compact.ts'
import { type Json, type JsonObject, isObject, tryParseJson } from '../../wire/json.ts'
import { SseReader } from '../../wire/sse.ts'
import { readBody } from '../../transport/read-body.ts'
import type { TransportResponse } from '../../transport/transport.ts'
import { ALL_DAY, type Connection } from '../connection.ts'
import { CommandFailure, EXIT } from '../exit.ts'
import { messageIn, refusalOf } from '../refusal.ts'
import type { Answer, Partner, Question } from './partner.ts'

const MAX_REFUSAL_BYTES = 1024 * 1024

export class RemotePartner implements Partner {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  async ask({ lines, provider, model, signal, onText }: Question): Promise<Answer> {
    const startedAt = Date.now()
    const response = await this.#connection.send({
      method: 'POST',
      path: '/api/chat/multi',
      body: compact({
        messages: lines.map(({ role, content }) => ({ role, content })),
        provider,
        model,
        stream: true,
      }),
      signal,
      patienceMs: ALL_DAY,
    })
    if (response.status >= 400) {
      const body = tryParseJson(await readBody(response.body, MAX_REFUSAL_BYTES))
      throw refusalOf(response.status, body)
    }
    const told: string[] = []
    for await (const event of eventsOf(response)) {
      const error = messageIn(event)
      if (error !== undefined) throw new CommandFailure(error, { code: EXIT.unavailable })
      const delta = text(event['delta'])
      if (delta !== undefined) {
        told.push(delta)
        onText(delta)
      }
      if (event['done'] === true) return wholeOf(event, { told, latencyMs: Date.now() - startedAt })
    }
    throw new CommandFailure('The answer broke off before its end.', { code: EXIT.unavailable })
  }

  async close(): Promise<void> {}
}

function wholeOf(
  last: JsonObject,
  seen: { readonly told: readonly string[]; readonly latencyMs: number },
): Answer {
  const { tokens } = last
  return compact({
    content: text(last['response']) ?? seen.told.join(''),
    model: text(last['model']),
    provider: text(last['provider']),
    finishReason: text(last['finish_reason']),
    tokens: typeof tokens === 'number' ? tokens : undefined,
    latencyMs: seen.latencyMs,
  })
}

async function* eventsOf(response: TransportResponse): AsyncIterable<JsonObject> {
  const reader = new SseReader()
  for await (const chunk of response.body) {
    yield* objectsIn(reader.write(chunk))
  }
  yield* objectsIn(reader.finish())
}

function objectsIn(frames: readonly { readonly data: string }[]): readonly JsonObject[] {
  return frames.map((frame) => tryParseJson(frame.data)).filter((value) => isObject(value))
}

function text(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}
