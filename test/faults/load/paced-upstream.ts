// A provider of known pace, as a process of its own on raw sockets: `node paced-upstream.ts answers 800` or `… streams 1000`, in milliseconds. It prints its port.
import { type Socket, createServer } from 'node:net'
import { DONE, chunk } from '../../bugs/chunks.ts'

const [mode = '', pace = ''] = process.argv.slice(2)
const PACE_MS = Number(pace)
const HEAD =
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n'
const LAST = '0\r\n\r\n'
/** Streams that began together do not all speak in the same moment: the pace has so many beats. */
const BEATS = 100

interface Stream {
  readonly socket: Socket
  said: number
}

const beats: Set<Stream>[] = Array.from({ length: BEATS }, () => new Set())
const frames: string[] = []
let begun = 0

function packed(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`
}

function said(content: string): string {
  return packed(`data: ${JSON.stringify(chunk({ role: 'assistant', content }))}\n\n`)
}

function ending(content: string): string {
  const last = JSON.stringify(chunk({}, 'stop'))
  return `${said(content)}${packed(`data: ${last}\n\n${DONE}`)}${LAST}`
}

/** The same answer after the same time, however many wait; it tells when the call arrived. */
function answer(socket: Socket): void {
  const text = ending(`at:${Date.now()};`)
  setTimeout(() => socket.write(HEAD + text), PACE_MS)
}

function stream(socket: Socket): void {
  const one: Stream = { socket, said: 0 }
  const beat = beats[begun % BEATS]
  begun += 1
  beat?.add(one)
  socket.once('close', () => beat?.delete(one))
  socket.write(HEAD)
  speak(one)
}

function speak(one: Stream): void {
  frames[one.said] ??= said(`n:${one.said};`)
  one.socket.write(frames[one.said] ?? '')
  one.said += 1
}

/** How many frames there were is told, so that the last one is missed too. */
function finish(): void {
  for (const one of beats.flatMap((beat) => [...beat])) one.socket.write(ending(`end:${one.said};`))
  for (const beat of beats) beat.clear()
}

/** A server asks now and then whether its provider is there. */
function models(socket: Socket): void {
  const text = JSON.stringify({ object: 'list', data: [{ id: 'm', object: 'model' }] })
  const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${text.length}`
  socket.write(`${head}\r\n\r\n${text}`)
}

/** Calls its reader with the method of each whole request on a connection. */
function requests(socket: Socket, hear: (method: string) => void): void {
  let text = ''
  socket.setEncoding('latin1').on('data', (more: string) => {
    text += more
    for (;;) {
      const head = text.indexOf('\r\n\r\n')
      if (head === -1) return
      const length = /content-length: (?<bytes>\d+)/i.exec(text.slice(0, head))
      const whole = head + 4 + Number(length?.groups?.['bytes'] ?? 0)
      if (text.length < whole) return
      const [method = ''] = text.split(' ', 1)
      text = text.slice(whole)
      hear(method)
    }
  })
}

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => socket.destroy())
  requests(socket, (method) => {
    if (method === 'GET') models(socket)
    else if (mode === 'answers') answer(socket)
    else stream(socket)
  })
})
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  const address = server.address()
  console.log(typeof address === 'object' && address !== null ? address.port : '')
})

if (mode === 'streams') {
  const start = performance.now()
  let next = 0
  // What is late is caught up with: none is left out.
  setInterval(() => {
    const due = Math.floor(((performance.now() - start) * BEATS) / PACE_MS)
    for (; next < due; next += 1) for (const one of beats[next % BEATS] ?? []) speak(one)
  }, PACE_MS / BEATS)
}
process.stdin.on('data', finish)
// Whoever started it is gone.
process.stdin.on('end', () => process.exit())
