// Open-loop load, a process of its own: asks at a steady rate whether or not it is answered, and times from when it should have asked.
// `node open-loop.ts '{"url":…,"headers":…,"body":…,"rate":…,"seconds":…}'`; prints JSON in microseconds.
import { Agent, request } from 'node:http'
import { percentiles } from './percentiles.ts'

const { url, headers, body, rate, seconds } = JSON.parse(process.argv[2] ?? '{}')
const agent = new Agent({ keepAlive: true, maxSockets: 4096 })
const bytes = Buffer.from(body)
const took: number[] = []
let errors = 0
let asked = 0
let open = 0

function ask(dueAt: number): void {
  open += 1
  const done = (failed: number): void => {
    open -= 1
    errors += failed
    if (failed === 0) took.push((performance.now() - dueAt) * 1000)
    if (open === 0 && asked === total) report()
  }
  const options = {
    agent,
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': bytes.length, ...headers },
  }
  const outgoing = request(url, options, (response) => {
    response.resume()
    response.once('end', () => done(response.statusCode === 200 ? 0 : 1))
  })
  outgoing.once('error', () => done(1))
  outgoing.end(bytes)
}

function report(): void {
  process.stdout.write(
    `${JSON.stringify({ requests: took.length, errors, ...percentiles(took) })}\n`,
  )
  process.exit()
}

const total = Math.round(rate * seconds)
const startedAt = performance.now()

function tick(): void {
  const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1000) * rate))
  for (; asked < due; asked += 1) ask(startedAt + (asked / rate) * 1000)
  if (asked < total) setTimeout(tick, 1)
}
tick()
