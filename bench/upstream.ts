// The fake upstream, a process of its own on raw sockets, cheap enough not to matter: `node upstream.ts`. It prints its port.
import { type Socket, createServer } from 'node:net'
import {
  ANTHROPIC_ANSWER,
  ANTHROPIC_END,
  ANTHROPIC_START,
  OPENAI_ANSWER,
  OPENAI_END,
  OPENAI_START,
  PACED_MS,
  SLOW_MS,
  STREAM_CHUNKS,
  anthropicChunk,
  openAiChunk,
} from './words.ts'

interface Wire {
  readonly answer: Buffer
  readonly fast: Buffer
  readonly start: Buffer
  readonly end: Buffer
  readonly chunk: (text: string) => string
}

const JSON_HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: '
const STREAM_HEAD =
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n'
/** No answer says the same again and again. */
function wordsAt(at: number): string {
  return ` quick brown fox ${at} `.padEnd(24, '.')
}

function packed(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`
}

function wire(parts: {
  readonly answer: string
  readonly start: string
  readonly end: string
  readonly chunk: (text: string) => string
}): Wire {
  const { answer, start, end, chunk } = parts
  const all = Array.from({ length: STREAM_CHUNKS }, (_, at) => packed(chunk(wordsAt(at)))).join('')
  return {
    answer: Buffer.from(`${JSON_HEAD}${Buffer.byteLength(answer)}\r\n\r\n${answer}`),
    fast: Buffer.from(`${STREAM_HEAD}${packed(start)}${all}${packed(end)}0\r\n\r\n`),
    start: Buffer.from(STREAM_HEAD + packed(start)),
    end: Buffer.from(`${packed(end)}0\r\n\r\n`),
    chunk,
  }
}

const OPENAI = wire({
  answer: OPENAI_ANSWER,
  start: OPENAI_START,
  end: OPENAI_END,
  chunk: openAiChunk,
})
const ANTHROPIC = wire({
  answer: ANTHROPIC_ANSWER,
  start: ANTHROPIC_START,
  end: ANTHROPIC_END,
  chunk: anthropicChunk,
})

interface Stream {
  readonly socket: Socket
  readonly wire: Wire
  left: number
}

const paced = new Set<Stream>()
const slow = new Set<Stream>()

/** What is said tells when: the client sees how long it took. */
function speak(streams: Set<Stream>): void {
  const text = `t:${(performance.timeOrigin + performance.now()).toFixed(3)};`
  const frames = new Map<Wire, string>()
  for (const stream of streams) {
    const { socket, wire } = stream
    if (stream.left === 0) {
      socket.write(wire.end)
      streams.delete(stream)
      continue
    }
    stream.left -= 1
    let frame = frames.get(wire)
    if (frame === undefined) frames.set(wire, (frame = packed(wire.chunk(text))))
    socket.write(frame)
  }
}

setInterval(() => speak(paced), PACED_MS)
setInterval(() => speak(slow), SLOW_MS)

function answer(socket: Socket, head: string, body: Buffer): void {
  const wire = head.includes('/messages') ? ANTHROPIC : OPENAI
  if (!body.includes('"stream":true')) {
    socket.write(wire.answer)
    return
  }
  const streams = body.includes('"model":"paced"')
    ? paced
    : body.includes('"model":"slow"')
      ? slow
      : undefined
  if (streams === undefined) {
    socket.write(wire.fast)
    return
  }
  const stream = { socket, wire, left: streams === slow ? Infinity : STREAM_CHUNKS }
  socket.write(wire.start)
  streams.add(stream)
  socket.once('close', () => streams.delete(stream))
}

const HEAD_END = Buffer.from('\r\n\r\n')
const CHUNKED_END = Buffer.from('0\r\n\r\n')

/** Where the request in the buffer ends: its head, and its end; undefined while it is not whole. */
function whole(
  buffer: Buffer,
): { readonly head: string; readonly from: number; readonly to: number } | undefined {
  const headEnd = buffer.indexOf(HEAD_END)
  if (headEnd === -1) return undefined
  const from = headEnd + HEAD_END.length
  const head = buffer.toString('latin1', 0, headEnd)
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
  if (length !== undefined) {
    const to = from + Number(length)
    return buffer.length < to ? undefined : { head, from, to }
  }
  if (!/\r\ntransfer-encoding: *chunked/i.test(head)) return { head, from, to: from }
  const end = buffer.indexOf(CHUNKED_END, from)
  return end === -1 ? undefined : { head, from, to: end + CHUNKED_END.length }
}

const server = createServer({ noDelay: true }, (socket) => {
  let parts: Buffer[] = []
  let size = 0
  let needed = 0
  socket.on('error', () => socket.destroy())
  socket.on('data', (bytes) => {
    parts.push(bytes)
    size += bytes.length
    // A large body is put together once, not at each piece of it.
    if (size < needed) return
    let buffer = parts.length === 1 ? bytes : Buffer.concat(parts)
    needed = 0
    for (let found = whole(buffer); found !== undefined; found = whole(buffer)) {
      answer(socket, found.head, buffer.subarray(found.from, found.to))
      buffer = buffer.subarray(found.to)
      if (buffer.length === 0) break
    }
    const length = /content-length: *(\d+)/i.exec(buffer.toString('latin1', 0, 2048))?.[1]
    if (buffer.length > 0 && length !== undefined) needed = Number(length)
    parts = buffer.length === 0 ? [] : [buffer]
    size = buffer.length
  })
})

server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  process.stdout.write(`${address.port}\n`)
})
process.on('disconnect', () => process.exit())
