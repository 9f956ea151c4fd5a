// A server that answers as a test says, and remembers what it was asked.
import { once } from 'node:events'
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import { type Json, tryParseJson } from '../src/wire/json.ts'

interface Asked {
  /** `GET /path`. */
  readonly line: string
  readonly authorization: string | undefined
  readonly body: Json | undefined
}

/** JSON with status 200, or whatever a function writes. */
export type Reply = Json | ((response: ServerResponse, request: IncomingMessage) => void)

export interface FakeRest {
  readonly url: string
  readonly asked: readonly Asked[]
  close(): Promise<void>
}

/** `GET /` greets as Patchbay does; what is not listed is a 404 in the words of the REST API. */
export async function fakeRest(replies: Readonly<Record<string, Reply>>): Promise<FakeRest> {
  const asked: Asked[] = []
  const all: Readonly<Record<string, Reply>> = {
    'GET /': (response) => response.end('Patchbay 0.0.0 is running\n'),
    ...replies,
  }
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(Buffer.from(chunk))
    const line = `${request.method} ${request.url}`
    const { authorization } = request.headers
    asked.push({ line, authorization, body: tryParseJson(Buffer.concat(chunks).toString()) })
    const reply = all[line]
    if (typeof reply === 'function') reply(response, request)
    else if (reply === undefined) failure(404, `There is nothing at ${line}.`)(response)
    else json(200, reply)(response)
  }
  const server = createServer((request, response) => void serve(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

export function json(status: number, body: Json): (response: ServerResponse) => void {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
}

export function failure(status: number, message: string): (response: ServerResponse) => void {
  return json(status, { error: { kind: 'any', message, request_id: 'req_1' } })
}

/** A whole stream of server-sent events. */
export function events(...values: readonly Json[]): (response: ServerResponse) => void {
  return (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end(values.map((value) => `data: ${JSON.stringify(value)}\n\n`).join(''))
  }
}
