// A transport for tests that never leaves the process: remembers what was sent where, and answers what it is told to.
import type { Transport, TransportRequest } from '../src/transport/transport.ts'
import { type Json, tryParseJson } from '../src/wire/json.ts'
import { fakeResponse } from './fake-response.ts'

export interface FakeAnswer {
  /** Default 200. */
  readonly status?: number
  /** Default `content-type: application/json`. */
  readonly headers?: Readonly<Record<string, string>>
  /** In chunks, as they come off the network. */
  readonly chunks: readonly (string | Uint8Array)[]
}

export interface SentRequest extends TransportRequest {
  readonly json: Json | undefined
}

export interface FakeTransport extends Transport {
  readonly sent: readonly SentRequest[]
}

export function fakeTransport(answer: (request: SentRequest) => FakeAnswer): FakeTransport {
  const sent: SentRequest[] = []
  return {
    sent,
    send: async (request) => {
      const seen = { ...request, json: tryParseJson(textOf(request.body)) }
      sent.push(seen)
      const { status = 200, headers = {}, chunks } = answer(seen)
      const { response } = fakeResponse(chunks)
      return { ...response, status, headers: { 'content-type': 'application/json', ...headers } }
    },
    close: async () => {},
  }
}

function textOf(body: TransportRequest['body'] = ''): string {
  return typeof body === 'string' ? body : new TextDecoder().decode(body)
}
