// Every fixture of every dialect, translated to every other: requests, answers, streams and errors against goldens.
// `npx vitest run test/translation-matrix.test.ts -u` writes them anew; read the difference before you commit it.
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../src/canonical/errors.ts'
import type { Note } from '../src/canonical/note.ts'
import type { DecodeContext, Dialect, EncodeContext } from '../src/dialects/dialect.ts'
import { decodeBytes, emptyRequest, encodeStream } from '../src/dialects/dialect.contract.ts'
import { dialects } from '../src/dialects/registry.ts'
import { writeFrame } from '../src/wire/framing.ts'
import { ObjectReader } from '../src/wire/json.ts'
import { type Fixture, fixturesOf } from './fixtures.ts'

const GOLDENS = join(import.meta.dirname, 'goldens')
const PROFILE = { provider: 'golden', flags: {} }

const pairs = dialects.flatMap((from) =>
  dialects.filter((to) => to !== from).map((to) => ({ from, to, name: `${from.id}-to-${to.id}` })),
)

describe.each(pairs)('$name', ({ from, to, name }) => {
  const fixtures = fixturesOf(from.id)

  it('requests', async () => {
    await golden(
      `${name}.requests`,
      fixtures.filter((fixture) => fixture.request !== undefined),
      (fixture) => {
        const lowered = to.lower(requestOf(from, fixture), PROFILE)
        const wire = to.request.encode(lowered.value, PROFILE)
        return { path: wire.path, body: wire.body, notes: lowered.notes.map((note) => line(note)) }
      },
    )
  })

  it('requests stay as they are when lowered twice', () => {
    for (const fixture of fixtures) {
      if (fixture.request === undefined) continue
      const once = to.lower(requestOf(from, fixture), PROFILE)
      const twice = to.lower(once.value, PROFILE)
      expect({ case: fixture.name, value: twice.value }).toEqual({
        case: fixture.name,
        value: once.value,
      })
    }
  })

  it('answers', async () => {
    await golden(
      `${name}.answers`,
      fixtures.filter((fixture) => fixture.response !== undefined),
      (fixture) => {
        const decoded = from.response.decode(
          { status: 200, headers: {}, body: fixture.response ?? null },
          decoding(from, fixture),
        )
        const encoded = to.response.encode(decoded, encoding(to))
        return { body: encoded.value.body, notes: encoded.notes.map((note) => line(note)) }
      },
    )
  })

  it('streams', async () => {
    await golden(
      `${name}.streams`,
      fixtures.filter((fixture) => fixture.stream !== undefined),
      (fixture) => {
        const events = decodeBytes(
          from,
          [fixture.stream ?? new Uint8Array()],
          decoding(from, fixture),
        )
        return encodeStream(to, events, encoding(to)).map((frame) =>
          writeFrame(to.framing, frame).trimEnd(),
        )
      },
    )
  })

  it('errors', async () => {
    await golden(
      `${name}.errors`,
      fixtures.filter((fixture) => fixture.error !== undefined),
      (fixture) => {
        const wire = ObjectReader.of(fixture.error, fixture.name)
        const decoded = from.error.decode({
          status: wire.number('status'),
          headers: {},
          body: wire.value('body') ?? null,
        })
        const encode = (origin: 'client' | 'upstream') => {
          const error = new GatewayError(decoded.kind, decoded.message, { origin })
          const { status, headers, body } = to.error.encode(error, 'req_golden')
          return { status, headers, body }
        }
        return { kind: decoded.kind, ours: encode('client'), upstream: encode('upstream') }
      },
    )
  })
})

async function golden(
  file: string,
  fixtures: readonly Fixture[],
  translate: (fixture: Fixture) => unknown,
): Promise<void> {
  const cases = Object.fromEntries(fixtures.map((fixture) => [fixture.name, translate(fixture)]))
  expect(fixtures.length).toBeGreaterThan(0)
  await expect(`${JSON.stringify(cases, null, 1)}\n`).toMatchFileSnapshot(
    join(GOLDENS, `${file}.json`),
  )
}

function requestOf(dialect: Dialect, fixture: Fixture) {
  const chat = dialect.endpoints.filter((endpoint) => endpoint.operation === 'chat')
  const path = (
    chat.find((endpoint) => fixture.name.startsWith(endpoint.path.split('/').at(-1) ?? '')) ??
    chat[0]
  )?.path
  return dialect.request.decode({
    method: 'POST',
    path: (path ?? '').replace(':model', 'asked-model'),
    headers: {},
    body: fixture.request ?? null,
  })
}

function decoding(dialect: Dialect, fixture: Fixture): DecodeContext {
  return {
    request: fixture.request === undefined ? emptyRequest(dialect.id) : requestOf(dialect, fixture),
    profile: PROFILE,
  }
}

/** A client of `dialect` that asked for usage. */
function encoding(dialect: Dialect): EncodeContext {
  return {
    request: { ...emptyRequest(dialect.id), stream: { enabled: true, includeUsage: true } },
    requestId: 'req_golden',
    now: () => 1_700_000_000_000,
  }
}

function line(note: Note): string {
  return `${note.action} ${note.feature} at ${note.path} (${note.weight}): ${note.reason}`
}
