// The project's own fixtures as cases: what each of them loses on its way.
import type { ChatResponse } from '../../src/canonical/response.ts'
import type { Dialect } from '../../src/dialects/dialect.ts'
import { clientRequest } from './clients.ts'
import { asks } from './probe.ts'
import type { ChatRequest } from '../../src/canonical/request.ts'
import { GatewayError } from '../../src/canonical/errors.ts'
import { collected, emptyRequest } from '../../src/dialects/dialect.contract.ts'
import { type Fixture, fixturesOf } from '../fixtures.ts'
import { type Case, type Pair, answerChanges, requestChanges, streamChanges } from './case.ts'
import { decoding, fixtureRequest, readStream } from './translation.ts'

const known = new Map<string, readonly Fixture[]>()

function fixtures(dialect: string): readonly Fixture[] {
  const read = known.get(dialect) ?? fixturesOf(dialect)
  known.set(dialect, read)
  return read
}

/** Requests of the client's protocol, answers and streams of the provider's. */
export function fixtureCases(pair: Pair): readonly Case[] {
  return [
    ...fixtures(pair.client.id).flatMap((fixture) => requestCase(fixture, pair)),
    ...fixtures(pair.provider.id).flatMap((fixture) => [
      ...answerCase(fixture, pair),
      ...streamCase(fixture, pair),
    ]),
  ]
}

function requestCase(fixture: Fixture, { client, provider }: Pair): readonly Case[] {
  if (fixture.request === undefined) return []
  const probe = `fixture ${fixture.name}`
  return [{ probe, way: 'request', ...requestChanges(fixtureRequest(client, fixture), provider) }]
}

function answerCase(fixture: Fixture, { client, provider }: Pair): readonly Case[] {
  if (fixture.response === undefined) return []
  const wire = { status: 200, headers: {}, body: fixture.response }
  try {
    const whole = provider.response.decode(wire, decoding(provider, fixture))
    if (!canHear(client, whole)) return []
    const changes = answerChanges({ whole }, client, questionOf(client.id))
    return [{ probe: `fixture ${fixture.name}`, way: 'answer', ...changes }]
  } catch (error) {
    // A failure that came as an answer.
    if (error instanceof GatewayError) return []
    throw error
  }
}

function streamCase(fixture: Fixture, { client, provider }: Pair): readonly Case[] {
  if (fixture.stream === undefined) return []
  const events = readStream(provider, fixture.stream, decoding(provider, fixture))
  if (events.some((event) => event.type === 'error')) return []
  const streamed = collected(provider, events)
  if (!canHear(client, streamed)) return []
  const changes = streamChanges({ events, streamed }, client, questionOf(client.id))
  return [{ probe: `fixture ${fixture.name}`, way: 'stream', ...changes }]
}

function questionOf(dialect: string): ChatRequest {
  return emptyRequest(dialect)
}

/** Free-text tools are called only by whom a client has told of them. */
function canHear(client: Dialect, { candidates }: ChatResponse): boolean {
  const custom = candidates.some(({ parts }) =>
    parts.some((part) => part.type === 'tool-call' && part.kind === 'custom'),
  )
  return !custom || clientRequest(CUSTOM, client) !== undefined
}

const CUSTOM = asks('a custom tool', { tools: [{ kind: 'custom', name: 'shell' }] })
