// The runner: one process, started on demand, cancelled calls that free their place, crashes that are told.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { JOB, LOAD } from './fixtures/job.ts'
import { ModelRunner } from './model-runner.ts'
import type { WorkerProcess } from './worker-process.ts'
import type { FromWorker, JobEnd, JobNews, ToWorker } from './worker/protocol.ts'

const END: JobEnd = {
  reason: 'stop',
  inputTokens: 1,
  cachedTokens: 0,
  outputTokens: 1,
  promptMs: 1,
  outputMs: 1,
}
const never = new AbortController().signal

/** A process that does as the test says. */
class FakeWorker implements WorkerProcess {
  readonly pid = 1
  readonly got: ToWorker[] = []
  held = true
  killed = false
  #message: (message: FromWorker) => void = () => undefined
  #exit: (how: string) => void = () => undefined

  send(message: ToWorker): void {
    this.got.push(message)
  }
  onMessage(listener: (message: FromWorker) => void): void {
    this.#message = listener
  }
  onExit(listener: (how: string) => void): void {
    this.#exit = listener
  }
  hold(): void {
    this.held = true
  }
  letGo(): void {
    this.held = false
  }
  kill(): void {
    this.killed = true
    this.#exit('SIGKILL')
  }
  say(message: FromWorker): void {
    this.#message(message)
  }
  crash(): void {
    this.#exit('SIGSEGV')
  }
}

let workers: FakeWorker[]
let runner: ModelRunner

beforeEach(() => {
  workers = []
  runner = new ModelRunner({
    load: LOAD,
    queue: 1,
    idleMs: 1000,
    start: () => {
      const worker = new FakeWorker()
      workers.push(worker)
      queueMicrotask(() => worker.say({ type: 'loaded' }))
      return worker
    },
  })
})
afterEach(() => {
  runner.close()
  vi.useRealTimers()
})

async function all(news: AsyncIterable<JobNews>): Promise<string[]> {
  const seen: string[] = []
  for await (const item of news) seen.push(item.type)
  return seen
}

async function settle(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve)
  })
}

function types(worker: FakeWorker | undefined): string[] {
  return (worker?.got ?? []).map((message) => message.type)
}

describe('ModelRunner', () => {
  it('starts no process before the first call', () => {
    expect(workers).toHaveLength(0)
    expect(runner.pid).toBeUndefined()
  })

  it('loads once and passes the news of each call', async () => {
    const first = all(runner.run(JOB, never))
    await settle()
    workers[0]?.say({ type: 'begun', id: 1 })
    workers[0]?.say({ type: 'text', id: 1, text: 'Hello' })
    workers[0]?.say({ type: 'ended', id: 1, end: END })
    expect(await first).toEqual(['begun', 'text', 'ended'])
    const second = all(runner.run(JOB, never))
    await settle()
    workers[0]?.say({ type: 'ended', id: 2, end: END })
    expect(await second).toEqual(['ended'])
    expect(types(workers[0])).toEqual(['load', 'run', 'run'])
  })

  it('tells the process when the reader leaves, and frees the place when the process has stopped', async () => {
    const left = runner.run(JOB, never)
    const started = left.next()
    await settle()
    workers[0]?.say({ type: 'begun', id: 1 })
    await started
    await left.return(undefined)
    expect(types(workers[0])).toEqual(['load', 'run', 'cancel'])
    const next = all(runner.run(JOB, never))
    await settle()
    expect(types(workers[0])).toEqual(['load', 'run', 'cancel'])
    workers[0]?.say({ type: 'ended', id: 1, end: { ...END, reason: 'cancelled' } })
    await settle()
    expect(types(workers[0])).toEqual(['load', 'run', 'cancel', 'run'])
    workers[0]?.say({ type: 'ended', id: 2, end: END })
    expect(await next).toEqual(['ended'])
  })

  it('cancels when the signal aborts', async () => {
    const leave = new AbortController()
    const call = all(runner.run(JOB, leave.signal))
    await settle()
    leave.abort(new Error('gone'))
    await expect(call).rejects.toThrow('gone')
    expect(types(workers[0])).toEqual(['load', 'run', 'cancel'])
  })

  it('never starts a call that was cancelled while the model was loaded', async () => {
    const leave = new AbortController()
    const call = all(runner.run(JOB, leave.signal))
    leave.abort(new Error('gone'))
    await expect(call).rejects.toThrow('gone')
    expect(types(workers[0])).not.toContain('run')
  })

  it('fails the calls of a process that crashed, and starts another for the next', async () => {
    const call = all(runner.run(JOB, never))
    await settle()
    workers[0]?.crash()
    await expect(call).rejects.toMatchObject({
      kind: 'upstream',
      code: 'local_worker_exited',
      message: expect.stringContaining('SIGSEGV'),
    })
    const next = all(runner.run(JOB, never))
    await settle()
    workers[1]?.say({ type: 'ended', id: 2, end: END })
    expect(await next).toEqual(['ended'])
  })

  it('says why a model could not be loaded, and tries again with the next call', async () => {
    const start = (): FakeWorker => {
      const worker = new FakeWorker()
      workers.push(worker)
      queueMicrotask(() => worker.say({ type: 'load-failed', message: 'not a model' }))
      return worker
    }
    const broken = new ModelRunner({ load: LOAD, queue: 1, idleMs: 1000, start })
    await expect(all(broken.run(JOB, never))).rejects.toThrow(/\/model\.gguf: not a model/)
    await expect(all(broken.run(JOB, never))).rejects.toThrow(/not a model/)
    expect(workers.map((worker) => worker.killed)).toEqual([true, true])
    broken.close()
  })

  it('refuses a call when the line is full', async () => {
    const running = all(runner.run(JOB, never))
    const waiting = all(runner.run(JOB, never))
    await expect(all(runner.run(JOB, never))).rejects.toMatchObject({ kind: 'overloaded' })
    await settle()
    workers[0]?.say({ type: 'ended', id: 1, end: END })
    await running
    await settle()
    workers[0]?.say({ type: 'ended', id: 2, end: END })
    expect(await waiting).toEqual(['ended'])
  })

  it('does not keep the program alive while nobody asks', async () => {
    const call = all(runner.run(JOB, never))
    await settle()
    expect(workers[0]?.held).toBe(true)
    workers[0]?.say({ type: 'ended', id: 1, end: END })
    await call
    expect(workers[0]?.held).toBe(false)
  })

  it('stops the process after a while without a call', async () => {
    const call = all(runner.run(JOB, never))
    await settle()
    vi.useFakeTimers()
    workers[0]?.say({ type: 'ended', id: 1, end: END })
    await call
    vi.advanceTimersByTime(999)
    expect(workers[0]?.killed).toBe(false)
    vi.advanceTimersByTime(1)
    expect(workers[0]?.killed).toBe(true)
    expect(runner.pid).toBeUndefined()
  })

  it('fails the calls in flight when it is closed, and takes no more', async () => {
    const call = all(runner.run(JOB, never))
    await settle()
    runner.close()
    await expect(call).rejects.toThrow(/closed/)
    expect(workers[0]?.killed).toBe(true)
    await expect(all(runner.run(JOB, never))).rejects.toThrow(/closed/)
  })
})
