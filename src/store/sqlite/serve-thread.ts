// A thread that has the database: all changes that have been asked for by now are one transaction, with one write to the disk.
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import type { Operation } from '../operation.ts'
import type { Answer, FromThread, Request, Start, ToThread } from './protocol.ts'
import { type Asked, SqliteConnection } from './sqlite-connection.ts'
import { sqliteFailure } from './sqlite-failure.ts'

/** Operations in one commit: more would make the first of them wait for the last. */
const MOST = 1000

export type Operations = ReadonlyMap<string, Operation<unknown, unknown>>

/** Serves until it is told to close. */
export function serveThread(operations: Operations): void {
  if (parentPort === null) throw new Error('this is the code of a thread')
  const port = parentPort
  const start: Start = workerData
  const startedAt = performance.now()
  try {
    const connection =
      start.task === 'reads'
        ? SqliteConnection.toRead(start.path)
        : SqliteConnection.toChange(start)
    tell(port, { type: 'opened', elapsedMs: performance.now() - startedAt })
    const work = start.task === 'reads' ? readOneByOne : changeTogether
    serve(port, connection, (requests) => work({ port, connection, operations }, requests))
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown)
    tell(port, { type: 'refused', failure: sqliteFailure(thrown), message })
  }
}

function serve(
  port: MessagePort,
  connection: SqliteConnection,
  work: (requests: readonly Request[]) => void,
): void {
  port.on('message', (first: ToThread) => {
    const messages = [first]
    // What has come meanwhile goes into the same commit.
    for (;;) {
      const next: { readonly message: ToThread } | undefined = receiveMessageOnPort(port)
      if (next === undefined) break
      messages.push(next.message)
    }
    work(messages.flatMap((message) => (message.type === 'run' ? message.requests : [])))
    if (messages.every(({ type }) => type === 'run')) return
    connection.close()
    port.close()
  })
}

interface Place {
  readonly port: MessagePort
  readonly connection: SqliteConnection
  readonly operations: Operations
}

function changeTogether(place: Place, requests: readonly Request[]): void {
  for (let from = 0; from < requests.length; from += MOST) {
    const some = requests.slice(from, from + MOST)
    const startedAt = performance.now()
    const answers = changed(place, some)
    tell(place.port, { type: 'answers', answers, committedMs: performance.now() - startedAt })
  }
}

function changed(place: Place, requests: readonly Request[]): readonly Answer[] {
  try {
    const asked = requests.map((request) => askedBy(place, request))
    return place.connection.runTogether(asked).map((outcome, at) => {
      const { id } = requests[at] ?? { id: 0 }
      return outcome.ok ? { id, ok: true, result: outcome.result } : failed(id, outcome.thrown)
    })
  } catch (thrown) {
    return requests.map(({ id }) => failed(id, thrown))
  }
}

function readOneByOne(place: Place, requests: readonly Request[]): void {
  for (const request of requests) {
    tell(place.port, { type: 'answers', answers: [read(place, request)] })
  }
}

function read(place: Place, request: Request): Answer {
  const { id } = request
  try {
    const { operation, args } = askedBy(place, request)
    return { id, ok: true, result: place.connection.run(operation, args) }
  } catch (thrown) {
    return failed(id, thrown)
  }
}

function askedBy({ operations }: Place, { name, args }: Request): Asked {
  const operation = operations.get(name)
  if (operation === undefined) throw new Error(`there is no operation "${name}"`)
  return { operation, args }
}

function failed(id: number, thrown: unknown): Answer {
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return { id, ok: false, failure: sqliteFailure(thrown), message }
}

function tell(port: MessagePort, message: FromThread): void {
  port.postMessage(message)
}
