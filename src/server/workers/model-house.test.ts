// One process of the embedded model for the runners of all workers.
import { describe, expect, it } from 'vitest'
import { JOB, LOAD } from '../../providers/local/fixtures/job.ts'
import type { WorkerProcess } from '../../providers/local/worker-process.ts'
import type { FromWorker, ToWorker } from '../../providers/local/worker/protocol.ts'
import { ModelHouse } from './model-house.ts'
import { ModelsOver } from './models-over.ts'

/** The process, played by the test. */
class Played implements WorkerProcess {
  readonly pid: undefined
  readonly got: ToWorker[] = []
  isKilled = false
  say: (message: FromWorker) => void = () => undefined
  exit: (how: string) => void = () => undefined

  send(message: ToWorker): void {
    this.got.push(message)
  }

  onMessage(listener: (message: FromWorker) => void): void {
    this.say = listener
  }

  onExit(listener: (how: string) => void): void {
    this.exit = listener
  }

  hold(): void {}
  letGo(): void {}

  kill(): void {
    this.isKilled = true
  }
}

interface Runner {
  readonly process: WorkerProcess
  readonly heard: (FromWorker | string)[]
}

/** A house, and workers whose lines to it are calls. */
function house(): {
  readonly played: Played[]
  readonly worker: () => { readonly runner: () => Runner; readonly dies: () => void }
} {
  const played: Played[] = []
  const models = new ModelHouse(() => {
    const process = new Played()
    played.push(process)
    return process
  })
  const worker = (): { readonly runner: () => Runner; readonly dies: () => void } => {
    const door = models.doorFor((news) => {
      if (news.type === 'from-model' || news.type === 'model-end') over.hear(news)
    })
    const over: ModelsOver = new ModelsOver((news) => {
      if (news.type === 'to-model') door.hear(news.runner, news.message)
      else if (news.type === 'model-end') door.leave(news.runner)
    })
    const runner = (): Runner => {
      const process = over.start()
      const heard: (FromWorker | string)[] = []
      process.onMessage((message) => heard.push(message))
      process.onExit((how) => heard.push(how))
      process.send(LOAD)
      return { process, heard }
    }
    return { runner, dies: () => door.close() }
  }
  return { played, worker }
}

describe('the embedded model of several workers', () => {
  it('is loaded once, and each is told of its own calls alone', () => {
    const { played, worker } = house()
    const [one, other] = [worker().runner(), worker().runner()]
    const [model] = played
    model?.say({ type: 'loaded' })
    const late = worker().runner()
    expect(played).toHaveLength(1)
    expect(model?.got).toEqual([LOAD])
    expect([one.heard, other.heard, late.heard]).toEqual(
      Array.from({ length: 3 }, () => [{ type: 'loaded' }]),
    )
    one.process.send({ type: 'run', id: 1, job: JOB })
    other.process.send({ type: 'count', id: 1, job: JOB })
    expect(model?.got.slice(1)).toEqual([{ type: 'run', id: 1, job: JOB }])
    model?.say({ type: 'text', id: 1, text: 'pong' })
    model?.say({ type: 'counted', id: 1, tokens: 3 })
    model?.say({ type: 'counted', id: 1, tokens: 4 })
    model?.say({ type: 'counted', id: 2, tokens: 5 })
    expect(one.heard.slice(1)).toEqual([
      { type: 'text', id: 1, text: 'pong' },
      { type: 'counted', id: 1, tokens: 3 },
    ])
    expect(other.heard.slice(1)).toEqual([{ type: 'counted', id: 1, tokens: 5 }])
  })

  it('gets no more at once than it has places, and what is called off in the queue never gets there', () => {
    const { played, worker } = house()
    const [one, other] = [worker().runner(), worker().runner()]
    one.process.send({ type: 'run', id: 1, job: JOB })
    other.process.send({ type: 'run', id: 7, job: JOB })
    other.process.send({ type: 'cancel', id: 7 })
    expect(other.heard).toMatchObject([{ type: 'ended', id: 7, end: { reason: 'cancelled' } }])
    one.process.send({ type: 'cancel', id: 1 })
    one.process.send({ type: 'cancel', id: 9 })
    const [model] = played
    expect(model?.got.slice(1)).toEqual([
      { type: 'run', id: 1, job: JOB },
      { type: 'cancel', id: 1 },
    ])
  })

  it('goes on for the others where a worker dies, with its place free, and ends with the last', () => {
    const { played, worker } = house()
    const dying = worker()
    const left = dying.runner()
    const staying = worker().runner()
    left.process.send({ type: 'run', id: 1, job: JOB })
    staying.process.send({ type: 'run', id: 1, job: JOB })
    dying.dies()
    const [model] = played
    expect(model?.got.at(-1)).toEqual({ type: 'cancel', id: 1 })
    model?.say({ type: 'counted', id: 1, tokens: 0 })
    expect(left.heard).toEqual([])
    expect(model?.got.at(-1)).toEqual({ type: 'run', id: 2, job: JOB })
    expect(model?.isKilled).toBe(false)
    staying.process.kill()
    staying.process.kill()
    expect(model?.isKilled).toBe(true)
    worker().runner()
    expect(played).toHaveLength(2)
  })

  it('is started anew after it has ended or could not be loaded, and all hear of that', () => {
    const { played, worker } = house()
    const [one, other] = [worker().runner(), worker().runner()]
    played[0]?.exit('SIGSEGV')
    expect([one.heard, other.heard]).toEqual([['SIGSEGV'], ['SIGSEGV']])
    one.process.send({ type: 'run', id: 1, job: JOB })
    const again = worker().runner()
    played[1]?.say({ type: 'load-failed', message: 'no memory' })
    expect(again.heard).toEqual([{ type: 'load-failed', message: 'no memory' }])
    worker().runner()
    expect(played).toHaveLength(3)
  })
})
