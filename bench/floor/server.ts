// The floor: the least that a gateway in Node can do. `node server.ts <upstream url>`; it prints its port. Paths: `/pass/…`
// passes bytes, `/translate/…` parses, translates Chat Completions to Messages, and the answer back.
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import { type Dispatcher, Pool } from 'undici'
import { toAnthropic, toOpenAi, translator } from './translate.ts'

const pool = new Pool(process.argv[2] ?? '', { connections: 1024, pipelining: 1 })

interface Passing {
  readonly path: string
  readonly body: string | Buffer
  readonly isStream: boolean
  readonly isTranslated: boolean
}

function pass(response: ServerResponse, { path, body, isStream, isTranslated }: Passing): void {
  const parts: Buffer[] = []
  const stream = isStream && isTranslated ? translator() : undefined
  const handler: Dispatcher.DispatchHandler = {
    onRequestStart: () => undefined,
    onResponseStart: (controller, status, headers) => {
      if (!isStream) return
      response.writeHead(status, { 'content-type': String(headers['content-type']) })
      response.flushHeaders()
      response.on('drain', () => controller.resume())
    },
    onResponseData: (controller, chunk) => {
      if (!isStream) {
        parts.push(chunk)
        return
      }
      const out = stream === undefined ? chunk : stream(chunk)
      if (out.length > 0 && !response.write(out)) controller.pause()
    },
    onResponseEnd: () => {
      if (isStream) {
        response.end()
        return
      }
      const whole = parts.length === 1 ? (parts[0] ?? '') : Buffer.concat(parts)
      const text = isTranslated ? toOpenAi(whole.toString()) : whole
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
      })
      response.end(text)
    },
    onResponseError: () => response.destroy(),
  }
  const headers = { 'content-type': 'application/json', authorization: 'Bearer sk-bench' }
  pool.dispatch({ path, method: 'POST', headers, body }, handler)
}

function serve(request: IncomingMessage, response: ServerResponse): void {
  const parts: Buffer[] = []
  request.on('data', (chunk: Buffer) => parts.push(chunk))
  request.on('end', () => {
    const [first] = parts
    const body = parts.length === 1 && first !== undefined ? first : Buffer.concat(parts)
    if (request.url?.startsWith('/translate') === true) {
      const { text, isStream } = toAnthropic(body.toString())
      pass(response, { path: '/v1/messages', body: text, isStream, isTranslated: true })
      return
    }
    const isStream = body.includes('"stream":true')
    pass(response, { path: '/v1/chat/completions', body, isStream, isTranslated: false })
  })
}

process.on('uncaughtException', (error) => process.stderr.write(`${error.message}\n`))
const server = createServer({ noDelay: true, keepAliveTimeout: 60_000 }, serve)
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  process.stdout.write(`${address.port}\n`)
})
