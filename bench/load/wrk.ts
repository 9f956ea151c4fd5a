// Throughput by wrk, a public load generator: so many connections that each ask as soon as they are answered.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../processes.ts'
import type { Lane } from '../subject.ts'

export interface Closed {
  readonly requests: number
  readonly errors: number
  readonly seconds: number
  /** Microseconds. */
  readonly p50: number
  readonly p99: number
  readonly p999: number
}

export interface ClosedLoad {
  readonly body: string
  readonly connections: number
  readonly seconds: number
}

export async function closedLoop(lane: Lane, load: ClosedLoad): Promise<Closed> {
  const folder = mkdtempSync(join(tmpdir(), 'patchbay-bench-wrk-'))
  try {
    const script = join(folder, 'post.lua')
    writeFileSync(join(folder, 'body'), load.body)
    writeFileSync(script, scriptFor(lane, join(folder, 'body')))
    const output = await run('load', {
      program: 'wrk',
      args: ['-t1', `-c${load.connections}`, `-d${load.seconds}s`, '-s', script, lane.url],
    })
    const line = output.split('\n').find((text) => text.startsWith('{'))
    if (line === undefined) throw new Error(`wrk said: ${output}`)
    return JSON.parse(line)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function scriptFor({ headers }: Lane, body: string): string {
  const named = Object.entries(headers).map(
    ([name, value]) => `wrk.headers[${JSON.stringify(name)}] = ${JSON.stringify(value)}\n`,
  )
  return `
wrk.method = "POST"
wrk.headers["content-type"] = "application/json"
${named.join('')}
local file = io.open(${JSON.stringify(body)}, "rb")
wrk.body = file:read("*a")
file:close()
done = function(summary, latency)
  local e = summary.errors
  print(string.format('{"requests":%d,"errors":%d,"seconds":%f,"p50":%d,"p99":%d,"p999":%d}', summary.requests,
    e.connect + e.read + e.write + e.status + e.timeout, summary.duration / 1e6,
    latency:percentile(50), latency:percentile(99), latency:percentile(99.9)))
end
`
}
