// Clients of many streams, a process of its own: `node streams.ts '{"url":…,"headers":…,"body":…,"streams":…,"seconds":…,"again":…}'`.
// Each stream is read to its end; with `again` another follows it until the time is over, without it is held open that long. Prints JSON.
import { Agent, type IncomingMessage, request } from 'node:http'
import { percentiles } from './percentiles.ts'

const { url, headers, body, streams, seconds, again } = JSON.parse(process.argv[2] ?? '{}')
const agent = new Agent({ keepAlive: true, maxSockets: Infinity })
const bytes = Buffer.from(body)
const BOUNDARY = Buffer.from('\n\n')
const STAMP = /t:(\d+\.\d+);/g
const firstBytes: number[] = []
const delays: number[] = []
let events = 0
let whole = 0
let errors = 0
let open = 0
let everOpen = 0
const endsAt = performance.now() + seconds * 1000

function wallNow(): number {
  return performance.timeOrigin + performance.now()
}

function count(chunk: Buffer): void {
  for (let at = chunk.indexOf(BOUNDARY); at !== -1; at = chunk.indexOf(BOUNDARY, at + 2))
    events += 1
}

/** What a paced chunk says tells when it was sent. */
function time(chunk: Buffer): void {
  const now = wallNow()
  for (const [, stamp] of chunk.toString('latin1').matchAll(STAMP)) {
    delays.push((now - Number(stamp)) * 1000)
  }
}

function hear(response: IncomingMessage, askedAt: number): void {
  if (response.statusCode !== 200) errors += 1
  let isFirst = true
  let last = ''
  response.on('data', (chunk: Buffer) => {
    if (isFirst) {
      firstBytes.push((performance.now() - askedAt) * 1000)
      isFirst = false
      open += 1
      everOpen = Math.max(everOpen, open)
    }
    count(chunk)
    time(chunk)
    last = chunk.toString('latin1', Math.max(0, chunk.length - 32))
  })
  response.once('end', () => {
    open -= 1
    if (last.includes('[DONE]')) whole += 1
    else errors += 1
    next()
  })
  response.once('error', () => undefined)
}

function next(): void {
  if (performance.now() < endsAt && again) ask()
  else if (open === 0) report()
}

function ask(): void {
  const askedAt = performance.now()
  const options = {
    agent,
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': bytes.length, ...headers },
  }
  const outgoing = request(url, options, (response) => hear(response, askedAt))
  outgoing.once('error', () => {
    if (!isOver) errors += 1
  })
  outgoing.end(bytes)
}

let isOver = false

function report(): void {
  if (isOver) return
  isOver = true
  const firstByte = percentiles(firstBytes)
  const delay = percentiles(delays)
  process.stdout.write(
    `${JSON.stringify({ events, whole, errors, everOpen, firstByte, delay: delays.length === 0 ? undefined : delay })}\n`,
  )
  process.exit()
}

/** So many at once are opened in steps: the listen queue has an end. */
const STEP = 200
let opened = 0
function openMore(): void {
  for (let step = 0; step < STEP && opened < streams; step += 1, opened += 1) ask()
  if (opened < streams) setTimeout(openMore, 20)
}
openMore()
setTimeout(report, seconds * 1000 + (again ? 15_000 : 0))
