// The embedded model as a worker has it: a process that the primary runs for all of them.
import type { StartWorker } from '../../providers/local/worker-process.ts'
import type { FromWorker } from '../../providers/local/worker/protocol.ts'
import type { News } from './asks.ts'

interface Runner {
  message: (message: FromWorker) => void
  end: (how: string) => void
}

export class ModelsOver {
  readonly #tell: (news: News) => void
  readonly #runners = new Map<number, Runner>()
  #last = 0

  constructor(tell: (news: News) => void) {
    this.#tell = tell
  }

  readonly start: StartWorker = () => {
    const runner = (this.#last += 1)
    const own: Runner = { message: nothing, end: nothing }
    this.#runners.set(runner, own)
    return {
      pid: undefined,
      send: (message) => this.#tell({ type: 'to-model', runner, message }),
      onMessage: (listener) => {
        own.message = listener
      },
      onExit: (listener) => {
        own.end = listener
      },
      // It is no child of this process, and keeps it for nobody's sake.
      hold: nothing,
      letGo: nothing,
      kill: () => {
        if (this.#runners.delete(runner)) this.#tell({ type: 'model-end', runner, how: 'left' })
      },
    }
  }

  hear(news: Extract<News, { readonly type: 'from-model' | 'model-end' }>): void {
    const runner = this.#runners.get(news.runner)
    if (news.type === 'from-model') return runner?.message(news.message)
    this.#runners.delete(news.runner)
    runner?.end(news.how)
  }
}

function nothing(): void {}
