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
import { stampedEvent } from '../src/providers/stamped-seals.ts'
import { isTold } from '../src/providers/upstream-error.ts'
import { type EventSource, UpstreamEvents } from '../src/providers/upstream-events.ts'
import { equalJson, isObject } from '../src/wire/json.ts'
import { drain } from './context.ts'
import { capturedRequests, corpusCases, hasCorpus } from './corpus.ts'
import { fakeResponse } from './fake-response.ts'
import { fixturesOf } from './fixtures.ts'

interface Recorded {
  readonly name: string
  readonly dialect: Dialect
  readonly stream: Uint8Array
}

/** Folders of the corpus by the protocol that their hosts speak, and the operations there that are chats: others stand beside them. */
const FOLDERS: Readonly<Record<string, { folders: readonly string[]; chats: RegExp }>> = {
  'openai-chat': { folders: ['openai-chat', 'openai-compatible'], chats: /^chat/ },
  'openai-responses': { folders: ['openai-responses', 'openai-compatible'], chats: /^responses$/ },
  'anthropic-messages': { folders: ['anthropic-messages'], chats: /^messages$/ },
  ollama: { folders: ['ollama'], chats: /^(?:chat|generate)$/ },
  gemini: { folders: ['gemini'], chats: /^streamGenerateContent$/ },
  'mistral-chat': { folders: ['mistral'], chats: /^chat$/ },
}

function recorded(): readonly Recorded[] {
  return dialects.flatMap((dialect) => {
    const own = fixturesOf(dialect.id).map(({ name, stream }) => ({ name: `own ${name}`, stream }))
    const { folders = [], chats } = FOLDERS[dialect.id] ?? {}
    const corpus = folders
      .flatMap((folder) => corpusCases(folder))
      .filter(({ api, status }) => chats?.test(api) === true && status < 300)
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

/** Texts that come one after the other, as one: a tap tells in one what many frames say. */
function joined(events: readonly ChatEvent[]): readonly ChatEvent[] {
  const all: ChatEvent[] = []
  for (const event of events) {
    const last = all.at(-1)
    const isMore =
      event.type === 'part-delta' &&
      last?.type === 'part-delta' &&
      event.index === last.index &&
      event.extensions === undefined &&
      last.extensions === undefined
    if (isMore && event.delta.kind === 'text' && last.delta.kind === 'text') {
      const text = last.delta.text + event.delta.text
      all[all.length - 1] = { ...last, delta: { kind: 'text', text } }
    } else all.push(event)
  }
  return all
}

describe('a recorded stream', () => {
  it.each(recorded())('$name', async (one) => {
    const restored = new RestoredTools(context.request, 'corpus')
    const steps = await drain(new UpstreamEvents({ ...sourceOf(one, 1e9), restored }))
    const translated = steps.flat()
    const error = translated.find((event) => event.type === 'error')
    for (const size of [1e9, 7]) {
      const tap = new PassedStream({ ...sourceOf(one, size), unasked: () => false })
      const pieces = await drain(tap)
      // A seal that passes is its client's own; one that is translated says whose it is.
      const events = pieces
        .flatMap((piece) => piece.events)
        .map((event) => stampedEvent(event, 'corpus'))
      const passed = Buffer.concat(pieces.map((piece) => piece.bytes))
      expect(usageIn(events)).toEqual(usageIn(translated))
      if (error !== undefined && isTold(error.error)) {
        expect(joined(events)).toEqual(joined(translated))
        expect(passed.equals(one.stream.subarray(0, passed.length))).toBe(true)
      } else {
        // What a decoder cannot read breaks a translation, and passes here.
        expect(joined(events)).toEqual(joined(translated.filter((event) => event !== error)))
        // Behind the frame that ends an answer nobody listens any more.
        expect(passed.equals(one.stream.subarray(0, passed.length))).toBe(true)
      }
    }
  })

  it('is there for every dialect', () => {
    const seen = new Set(recorded().map(({ dialect }) => dialect.id))
    expect(dialects.filter(({ id }) => !seen.has(id))).toEqual([])
  })
})

/** A model in the path ends it, or has the operation behind it, which may be that of a stream. */
function isChatOf({ endpoints }: Dialect, path: string): boolean {
  return endpoints.some((endpoint) => {
    const pattern = endpoint.path
      .replace(/\/:model(?=$|:)/, '/.+')
      .replace(/:(?=\w+$)/, String.raw`:\w*`)
    return endpoint.operation === 'chat' && new RegExp(`^${pattern}$`, 'i').test(path)
  })
}

describe('the requests of real clients', () => {
  const requests = capturedRequests().flatMap(({ path, ...captured }) => {
    const [bare = ''] = path.split('?')
    const dialect = dialects.find((one) => isChatOf(one, bare))
    return dialect === undefined ? [] : [{ ...captured, path: bare, dialect }]
  })

  it
    .skipIf(!hasCorpus())
    .each(dialects.filter(({ endpoints }) => endpoints.some(({ claims }) => claims === undefined)))(
    'pass with nothing but the name of the model changed: $id',
    (dialect) => {
      const own = requests.filter((one) => one.dialect === dialect)
      expect(own.length).toBeGreaterThan(0)
      const changed = own.filter(({ name, path, headers, body }) => {
        // The client of one capture sends its images as a Buffer prints itself, which no server understands.
        if (!isObject(body) || name.includes('ollama-v2/image')) return false
        const text = JSON.stringify(body)
        const wire = { method: 'POST', path, headers: Object.fromEntries(headers), body }
        const decoded = dialect.request.decode(wire)
        // A name that stands in the path is not the text's to change.
        const named = dialect.patchable?.some((key) => key.path.join('.') === 'model') === true
        const request = named ? { ...decoded, model: 'the-model' } : decoded
        const lowered = dialect.lower(request, context.profile).value
        const printed = dialect.request.encode(lowered, context.profile)
        const source = { dialect: dialect.id, path, body, text }
        // Nor is the text of a request sent whose path is spelled otherwise than this dialect spells it.
        if (named || path.endsWith(printed.path)) {
          const model = JSON.stringify(body['model'])
          const expected = named ? text.replace(`"model":${model}`, '"model":"the-model"') : text
          return passageOf(source, dialect, printed)?.text !== expected
        }
        return !equalJson(printed.body, body)
      })
      expect(changed.map(({ name }) => name)).toEqual([])
    },
  )
})
