// Every fixture of every dialect, translated to every other: requests, answers, streams and errors against goldens.
// `npx vitest run test/translation-matrix.test.ts -u` writes them anew; read the difference before you commit it.
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../src/canonical/errors.ts'
import { dialects } from '../src/dialects/registry.ts'
import { writeFrame } from '../src/wire/framing.ts'
import { type Fixture, fixturesOf } from './fixtures.ts'
import {
  decoding,
  fixtureRequest,
  noteLine,
  PROFILE,
  readError,
  readStream,
  translateAnswer,
  translateRequest,
  translateStream,
} from './matrix/translation.ts'

const GOLDENS = join(import.meta.dirname, 'goldens')

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
        const { wire, notes } = translateRequest(fixtureRequest(from, fixture), to)
        return { path: wire.path, body: wire.body, notes: notes.map((note) => noteLine(note)) }
      },
    )
  })

  it('requests stay as they are when lowered twice', () => {
    for (const fixture of fixtures) {
      if (fixture.request === undefined) continue
      const { lowered } = translateRequest(fixtureRequest(from, fixture), to)
      expect({ case: fixture.name, value: to.lower(lowered, PROFILE).value }).toEqual({
        case: fixture.name,
        value: lowered,
      })
    }
  })

  it('answers', async () => {
    await golden(
      `${name}.answers`,
      fixtures.filter((fixture) => fixture.response !== undefined),
      (fixture) => {
        const wire = { status: 200, headers: {}, body: fixture.response ?? null }
        const decoded = from.response.decode(wire, decoding(from, fixture))
        const { body, notes } = translateAnswer(decoded, to)
        return { body, notes: notes.map((note) => noteLine(note)) }
      },
    )
  })

  it('streams', async () => {
    await golden(
      `${name}.streams`,
      fixtures.filter((fixture) => fixture.stream !== undefined),
      (fixture) => {
        const bytes = fixture.stream ?? new Uint8Array()
        const { frames } = translateStream(readStream(from, bytes, decoding(from, fixture)), to)
        return frames.map((frame) => writeFrame(to.framing, frame).trimEnd())
      },
    )
  })

  it('errors', async () => {
    await golden(
      `${name}.errors`,
      fixtures.filter((fixture) => fixture.error !== undefined),
      (fixture) => {
        const decoded = readError(from, fixture.error ?? null, fixture.name)
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
