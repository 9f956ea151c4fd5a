// Recorded traffic of real Ollama servers and captured requests of real Ollama clients.
import { describe, expect, it } from 'vitest'
import { capturedRequests, corpusCases } from '../../../test/corpus.ts'
import { equalJson, isObject, parseJson } from '../../wire/json.ts'
import type { Json } from '../../wire/json.ts'
import type { ChatRequest } from '../../canonical/request.ts'
import {
  collected,
  decodeBytes,
  emptyRequest,
  encodeStream,
  essence,
  isEnd,
  jsonOf,
  plain,
} from '../dialect.contract.ts'
import { ollama } from './dialect.ts'

const PROFILE = { provider: 'recorded', flags: {} }
const CHAT_APIS: ReadonlySet<string> = new Set(['chat', 'generate'])
const cases = corpusCases('ollama')
const chats = cases.filter((one) => CHAT_APIS.has(one.api))

function requestOf(body: Json | undefined, path: string): ChatRequest {
  if (body === undefined) return emptyRequest('ollama')
  return ollama.request.decode({ method: 'POST', path, headers: {}, body })
}

function encoding(request: ChatRequest): {
  request: ChatRequest
  requestId: string
  now: () => number
} {
  return { request, requestId: 'req_corpus', now: () => 1_700_000_000_000 }
}

/** Lines without their own times, for those are the encoder's. */
function untimed(line: Json): Json {
  if (!isObject(line)) return line
  const { created_at: _, ...rest } = line
  return rest
}

describe.skipIf(cases.length === 0)('recorded traffic', () => {
  it.for(chats.filter((one) => one.request !== undefined))(
    '$name: the request encodes to what it was decoded from, lowered or not',
    (one) => {
      const request = requestOf(one.request, one.path)
      const wire = ollama.request.encode(request, PROFILE)
      expect(wire.path).toBe(one.path)
      expect(plain(wire.body)).toEqual(one.request)
      const lowered = ollama.lower(request, PROFILE)
      expect(plain(ollama.request.encode(lowered.value, PROFILE).body)).toEqual(one.request)
      expect(lowered.notes).toEqual([])
    },
  )

  it.for(chats.filter((one) => one.status === 200 && one.response !== undefined))(
    '$name: the answer encodes to what it was decoded from',
    (one) => {
      const request = requestOf(one.request, one.path)
      const wire = {
        status: 200,
        headers: {},
        ...(one.response === undefined ? {} : { body: one.response }),
      }
      const decoded = ollama.response.decode(wire, { request, profile: PROFILE })
      const encoded = ollama.response.encode(decoded, encoding(request))
      expect(plain(encoded.value.body)).toEqual(one.response)
      expect(encoded.notes).toEqual([])
    },
  )

  it.for(chats.filter((one) => one.stream !== undefined))(
    '$name: the stream encodes line by line to what it was decoded from',
    (one) => {
      const request = requestOf(one.request, one.path)
      const bytes = one.stream ?? new Uint8Array()
      const context = { request, profile: PROFILE }
      const events = decodeBytes(ollama, [bytes], context)
      expect(events.filter((event) => isEnd(event))).toHaveLength(1)
      const lines = new TextDecoder()
        .decode(bytes)
        .split('\n')
        .filter((line) => line.trim() !== '')
        .map((line) => untimed(parseJson(line)))
      const again = jsonOf(encodeStream(ollama, events, encoding(request))).map((line) =>
        untimed(line),
      )
      expect(again).toEqual(lines.filter((line) => !isSilent(line)))
    },
  )

  it.for(chats.filter((one) => one.stream !== undefined))(
    '$name: the stream ends in an error wherever it is cut before its last line',
    (one) => {
      const request = requestOf(one.request, one.path)
      const bytes = one.stream ?? new Uint8Array()
      const last = bytes.lastIndexOf(0x0a, bytes.length - 2)
      for (let cut = 0; cut <= last; cut += Math.ceil(last / 60)) {
        const events = decodeBytes(ollama, [bytes.subarray(0, cut)], { request, profile: PROFILE })
        const end = events.at(-1)
        expect(end?.type === 'error' && end.error.code).toMatch(/^upstream_(truncated|malformed)$/)
      }
    },
  )

  it.for(chats.filter((one) => one.stream !== undefined))(
    '$name: the collected stream says what its lines say together',
    (one) => {
      const request = requestOf(one.request, one.path)
      const context = { request, profile: PROFILE }
      const whole = collected(
        ollama,
        decodeBytes(ollama, [one.stream ?? new Uint8Array()], context),
      )
      const { value } = ollama.response.encode(whole, encoding(request))
      const again = ollama.response.decode(value, context)
      expect(essence(again)).toEqual(essence(whole))
    },
  )

  it.for(cases.filter((one) => one.status >= 400))(
    '$name: the error keeps status and text',
    (one) => {
      const body = one.response === undefined ? {} : { body: one.response }
      const error = ollama.error.decode({
        status: one.status,
        headers: one.responseHeaders,
        ...body,
      })
      const wire = ollama.error.encode(error, 'req_corpus')
      expect(wire.status).toBe(one.status)
      expect(plain(wire.body)).toEqual(one.response)
    },
  )

  it.for(cases.filter((one) => one.api === 'tags'))(
    '$name: the list encodes to what it was',
    (one) => {
      const cards = ollama.models.decodeList(one.response ?? null)
      expect(cards.length).toBeGreaterThan(0)
      expect(plain(ollama.models.encodeList(cards))).toEqual(one.response)
    },
  )
})

/** Lines that say nothing amount to no event; a few servers send one between thinking and text. */
function isSilent(line: Json): boolean {
  if (!isObject(line) || line['done'] !== false) return false
  return line['response'] === '' || equalJson(line['message'], { role: 'assistant', content: '' })
}

const captured = capturedRequests().filter(
  (one) => one.method === 'POST' && /\/api\/(?:chat|generate)$/.test(one.path),
)

describe.skipIf(captured.length === 0)('requests of real clients', () => {
  it.for(captured)('$name encodes to what it was decoded from', (one) => {
    const request = requestOf(one.body, one.path)
    const printed = plain(ollama.request.encode(request, PROFILE).body)
    // The AI SDK of version 6 sends an image as the JSON of a Node buffer: Ollama gets it as it wants it.
    if (JSON.stringify(one.body).includes('"type":"Buffer"')) {
      expect(printed).toMatchObject({ messages: [{ images: [expect.stringMatching(/^iVBOR/)] }] })
    } else expect(printed).toEqual(one.body)
    expect(ollama.lower(request, PROFILE).notes).toEqual([])
  })

  it('are served by an endpoint that claims them', () => {
    for (const one of captured) {
      const endpoint = ollama.endpoints.find(({ path }) => one.path.endsWith(path) && path !== '/')
      const hint = {
        path: one.path,
        headers: {},
        ...(one.body === undefined ? {} : { body: one.body }),
      }
      expect(endpoint?.operation).toBe('chat')
      expect(endpoint?.claims?.(hint) ?? true).toBe(true)
    }
  })
})
