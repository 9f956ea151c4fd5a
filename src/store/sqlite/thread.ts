// The thread that has the database: all that has been asked by now is one transaction, with one write to the disk.
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { OPERATIONS } from '../operations.ts'
import type { Answer, FromThread, Request, Start, ToThread } from './protocol.ts'
import { type Outcome, SqliteConnection } from './sqlite-connection.ts'
import { sqliteFailure } from './sqlite-failure.ts'

/** Operations in one commit: more would make the first of them wait for the last. */
const MOST = 1000

const start: Start = workerData
const port = ownPort()

function ownPort(): MessagePort {
  if (parentPort === null) throw new Error('this is the code of a thread')
  return parentPort
}

function tell(message: FromThread): void {
  port.postMessage(message)
}

function failed(id: number, thrown: unknown): Answer {
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return { id, ok: false, failure: sqliteFailure(thrown), message }
}

function answered(connection: SqliteConnection, requests: readonly Request[]): readonly Answer[] {
  const known = requests.map(({ name, args }) => {
    const operation = OPERATIONS.get(name)
    if (operation === undefined) throw new Error(`there is no operation "${name}"`)
    return { operation, args }
  })
  try {
    return connection.runTogether(known).map((outcome: Outcome, at) => {
      const { id } = requests[at] ?? { id: 0 }
      return outcome.ok ? { id, ok: true, result: outcome.result } : failed(id, outcome.thrown)
    })
  } catch (thrown) {
    return requests.map(({ id }) => failed(id, thrown))
  }
}

function serve(connection: SqliteConnection): void {
  let waiting: Request[] = []
  const take = (message: ToThread): 'close' | undefined => {
    if (message.type === 'close') return 'close'
    waiting.push(...message.requests)
    return undefined
  }
  const work = (): void => {
    while (waiting.length > 0) {
      const requests = waiting.slice(0, MOST)
      waiting = waiting.slice(MOST)
      tell({ type: 'answers', answers: answered(connection, requests) })
    }
  }
  port.on('message', (first: ToThread) => {
    let end = take(first)
    // What has come meanwhile goes into the same commit.
    while (end === undefined) {
      const next: { readonly message: ToThread } | undefined = receiveMessageOnPort(port)
      if (next === undefined) break
      end = take(next.message)
    }
    work()
    if (end === undefined) return
    connection.close()
    port.close()
  })
}

try {
  const connection = new SqliteConnection(start)
  tell({ type: 'opened' })
  serve(connection)
} catch (thrown) {
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  tell({ type: 'refused', failure: sqliteFailure(thrown), message })
}
