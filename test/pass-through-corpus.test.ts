// Every recorded stream, ours and the corpus', passes byte for byte, and the tap beside it counts what translation counts.
import { describe, expect, it } from 'vitest'
import type { ChatEvent } from '../src/canonical/event.ts'
import { toGatewayError } from '../src/canonical/errors.ts'
import { type Usage, mergeUsage } from '../src/canonical/usage.ts'
import type { DecodeContext, Dialect } from '../src/dialects/dialect.ts'
import { dialects } from '../src/dialects/registry.ts'
import { toChatRequest } from '../src/providers/chat-message.ts'
import { passageOf } from '../src/providers/passage.ts'
import { PassedStream } from '../src/providers/passed-stream.ts'
import { RestoredTools } from '../src/providers/restored-tools.ts'
import { isTold } from '../src/providers/upstream-error.ts'
import { type EventSource, UpstreamEvents } from '../src/providers/upstream-events.ts'
import { isObject } from '../src/wire/json.ts'
import { drain } from './context.ts'
import { capturedRequests, corpusCases, hasCorpus } from './corpus.ts'
import { fakeResponse } from './fake-response.ts'
import { fixturesOf } from './fixtures.ts'

interface Recorded {
  readonly name: string
  readonly dialect: Dialect
  readonly stream: Uint8Array
}

/** Folders of the corpus by the protocol that their hosts speak. */
const FOLDERS: Readonly<Record<string, readonly string[]>> = {
  'openai-chat': ['openai-chat', 'openai-compatible'],
  'anthropic-messages': ['anthropic-messages'],
  ollama: ['ollama'],
}

/** Operations of other protocols stand in the same folders. */
const CHATS = /^(?:chat|messages$|generate)/

function recorded(): readonly Recorded[] {
  return dialects.flatMap((dialect) => {
    const own = fixturesOf(dialect.id).map(({ name, stream }) => ({ name: `own ${name}`, stream }))
    const corpus = (FOLDERS[dialect.id] ?? [])
      .flatMap((folder) => corpusCases(folder))
      .filter(({ api, status }) => CHATS.test(api) && status < 300)
    return [...own, ...corpus].flatMap(({ name, stream }) =>
      stream === undefined ? [] : [{ name: `${dialect.id}: ${name}`, dialect, stream }],
    )
  })
}

const context: DecodeContext = {
  request: toChatRequest([], 'tiny'),
  profile: { provider: 'lab', model: 'tiny', flags: {} },
}

function sourceOf({ dialect, stream }: Recorded, size: number): Omit<EventSource, 'restored'> {
  const count = Math.ceil(stream.length / size)
  const chunks = Array.from({ length: count }, (_, at) =>
    stream.subarray(at * size, (at + 1) * size),
  )
  const { response } = fakeResponse(chunks)
  return { response, dialect, context, failed: toGatewayError, told: toGatewayError }
}

function usageIn(events: readonly ChatEvent[]): Usage | undefined {
  return events
    .flatMap((event) => (event.type === 'usage-update' ? [event.usage] : []))
    .reduce<Usage | undefined>(mergeUsage, undefined)
}

describe('a recorded stream', () => {
  it.each(recorded())('$name', async (one) => {
    const restored = new RestoredTools(context.request)
    const translated = await drain(new UpstreamEvents({ ...sourceOf(one, 1e9), restored }))
    const error = translated.find((event) => event.type === 'error')
    for (const size of [1e9, 7]) {
      const tap = new PassedStream({ ...sourceOf(one, size), unasked: () => false })
      const pieces = await drain(tap)
      const events = pieces.flatMap((piece) => piece.events)
      const passed = Buffer.concat(pieces.map((piece) => piece.bytes))
      expect(usageIn(events)).toEqual(usageIn(translated))
      if (error !== undefined && isTold(error.error)) {
        expect(events).toEqual(translated)
        expect(passed.equals(one.stream.subarray(0, passed.length))).toBe(true)
      } else {
        // What a decoder cannot read breaks a translation, and passes here.
        expect(events).toEqual(translated.filter((event) => event !== error))
        expect(passed.equals(one.stream)).toBe(true)
      }
    }
  })

  it('is there for every dialect', () => {
    const seen = new Set(recorded().map(({ dialect }) => dialect.id))
    expect(dialects.filter(({ id }) => !seen.has(id))).toEqual([])
  })
})

describe('the requests of real clients', () => {
  it.skipIf(!hasCorpus())('pass with nothing but the name of the model changed', () => {
    const changed = capturedRequests().filter(({ name, path, headers, body }) => {
      const [bare = ''] = path.split('?')
      const dialect = dialects.find(({ endpoints }) =>
        endpoints.some((endpoint) => endpoint.operation === 'chat' && endpoint.path === bare),
      )
      // The client of one capture sends its images as a Buffer prints itself, which no server understands.
      if (dialect === undefined || !isObject(body) || name.includes('ollama-v2/image')) {
        return false
      }
      const text = JSON.stringify(body)
      const wire = { method: 'POST', path: bare, headers: Object.fromEntries(headers), body }
      const request = { ...dialect.request.decode(wire), model: 'the-model' }
      const lowered = dialect.lower(request, context.profile).value
      const printed = dialect.request.encode(lowered, context.profile)
      const source = { dialect: dialect.id, path: bare, body, text }
      const passage = passageOf(source, dialect, printed)
      const model = JSON.stringify(body['model'])
      return passage?.text !== text.replace(`"model":${model}`, '"model":"the-model"')
    })
    expect(changed.map(({ name }) => name)).toEqual([])
  })
})
