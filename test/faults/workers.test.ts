// Several worker processes, and what each of them does to the others when it dies, is told to stop, or has more to do than its part.
import { afterEach, describe, expect, it } from 'vitest'
import { DONE, chunk } from '../bugs/chunks.ts'
import { completion, wantsStream } from '../openai-replies.ts'
import { WorkerServer, type WorkerServerSetup } from '../worker-server.ts'
import { HALF } from './half-answer.ts'

const hasProc = process.platform === 'linux'
const WHOLE = completion('pong')

let server: WorkerServer | undefined

afterEach(async () => {
  await server?.close()
  server = undefined
})

async function open(setup: WorkerServerSetup): Promise<WorkerServer> {
  server = await WorkerServer.open(setup)
  server.upstream.answer(({ json }) => (wantsStream(json) ? HALF : WHOLE))
  return server
}

/** A provider of the operator's own that fails outside of any call, with the words of the call in its hands. */
const CRASHING = `
import { BaseProvider, textAnswer } from '${import.meta.dirname}/../../src/index.ts'

export class PluggedProvider extends BaseProvider {
  static providerType = 'plugged'
  async chat(messages) {
    const words = JSON.stringify(messages)
    setTimeout(() => {
      throw Object.assign(new Error('lost my mind over ' + words), { words })
    }, 0)
    return new Promise(() => {})
  }
  async listModels() { return ['crash'] }
  async healthCheck() { return true }
}
`

const PLUGGED = {
  files: { 'plugged.ts': CRASHING },
  settings: ['plugins: [./plugged.ts]'],
  provider: ' }, { name: plugged, type: plugged, models: [crash]',
} as const

describe.skipIf(!hasProc)('F129 a worker crashes', () => {
  it('and only its own streams break; another takes its place, and what is recorded quotes nobody', async () => {
    const held = await open({ workers: 2, ...PLUGGED })
    const streams = Array.from({ length: 8 }, () => held.stream())
    await Promise.all(streams.map((stream) => stream.until(/half/)))
    const before = held.pids()

    await expect(held.ask('plugged/crash')).rejects.toThrow('fetch failed')
    await held.running.printed('stderr', /worker \d \(process \d+\) ended with exit code 1/)
    await held.allUp()
    const after = held.pids()
    expect(after).toHaveLength(2)
    expect(after.filter((pid) => before.includes(pid))).toHaveLength(1)

    for (const request of held.upstream.requests) {
      request.write(`data: ${JSON.stringify(chunk({}, 'stop'))}\n\n${DONE}`)
      request.end()
    }
    const ends = await Promise.all(
      streams.map(async (stream) => {
        const whole = stream.until(/\[DONE\]/).then(() => 'whole' as const)
        return whole.catch(() => 'broken' as const)
      }),
    )
    // Connections are dealt out in turn: each of the two had its part.
    expect(new Set(ends)).toEqual(new Set(['whole', 'broken']))
    expect(ends.filter((end) => end === 'whole').length).toBeGreaterThanOrEqual(2)
    const statuses = await Promise.all(
      Array.from({ length: 10 }, async () => (await held.ask()).status),
    )
    expect(new Set(statuses)).toEqual(new Set([200]))
    const counts = await held.counts('patchbay_worker_restarts_total')
    expect(counts.toSorted((one, other) => one - other)).toEqual([0, 1])
    const said = await held.running.printed('stderr', /worker \d+ crashed: Error\n {4}at /)
    expect(said).toContain('plugged.ts')
    expect(said).not.toContain('lost my mind')
    expect(said).not.toContain('Go on.')
  })

  it('again and again, and is not started again more often than the guard allows; the other answers on', async () => {
    const held = await open({ workers: 2, ...PLUGGED })
    const [spared] = held.pids()
    for (let death = 0; death < 6; death += 1) {
      const victim = held.pids().find((pid) => pid !== spared)
      if (victim === undefined) throw new Error('nobody is there to be killed')
      process.kill(victim, 'SIGKILL')
      const pattern = new RegExp(
        `process ${victim}\\) ended by SIGKILL: another takes its place in (\\S+) s`,
      )
      const said = await held.running.printed('stderr', pattern)
      const wait = Number(pattern.exec(said)?.[1])
      if (death < 5) await held.seen(async () => held.pids().length === 2)
      else expect(wait).toBeGreaterThan(20)
    }
    expect(held.pids()).toEqual([spared])
    for (let call = 0; call < 5; call += 1) expect((await held.ask()).status).toBe(200)
  })
})
