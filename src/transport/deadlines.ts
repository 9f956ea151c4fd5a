// The clocks of all calls under way: however many there are, one timer for each length of time.

/** Of one length of time, in the order in which they run out. */
interface Queue {
  readonly ms: number
  first: Watch | undefined
  last: Watch | undefined
  timer: NodeJS.Timeout | undefined
}

/** Milliseconds, steady. */
const now = (): number => performance.now()

export class Deadlines {
  /** By length. Few: those that the configuration names. */
  readonly #queues = new Map<number, Queue>()

  queue(ms: number): Queue {
    const known = this.#queues.get(ms)
    if (known !== undefined) return known
    const queue = { ms, first: undefined, last: undefined, timer: undefined }
    this.#queues.set(ms, queue)
    return queue
  }

  /** Takes the timers away. What is still watched runs out no more. */
  close(): void {
    for (const { timer } of this.#queues.values()) clearTimeout(timer)
    this.#queues.clear()
  }
}

/** A clock that is started and stopped many times. */
export class Watch {
  readonly #deadlines: Deadlines
  readonly #late: (ms: number) => void
  #queue: Queue | undefined
  #before: Watch | undefined
  #after: Watch | undefined
  #dueMs = 0

  constructor(deadlines: Deadlines, late: (ms: number) => void) {
    this.#deadlines = deadlines
    this.#late = late
  }

  /** Again from the beginning where it runs already. */
  start(ms: number): void {
    this.stop()
    const queue = this.#deadlines.queue(ms)
    this.#queue = queue
    this.#dueMs = now() + ms
    this.#before = queue.last
    if (queue.last === undefined) queue.first = this
    else queue.last.#after = this
    queue.last = this
    if (queue.timer === undefined) Watch.#arm(queue, ms)
  }

  stop(): void {
    const queue = this.#queue
    if (queue === undefined) return
    if (this.#before === undefined) queue.first = this.#after
    else this.#before.#after = this.#after
    if (this.#after === undefined) queue.last = this.#before
    else this.#after.#before = this.#before
    this.#queue = undefined
    this.#before = undefined
    this.#after = undefined
  }

  // It stays when the first is stopped, and then finds nothing to do. Whoever is watched holds a socket: this holds nobody up.
  static #arm(queue: Queue, ms: number): void {
    queue.timer = setTimeout(() => Watch.#ring(queue), ms)
    queue.timer.unref()
  }

  static #ring(queue: Queue): void {
    queue.timer = undefined
    const nowMs = now()
    const due: [watch: Watch, dueMs: number][] = []
    let watch = queue.first
    while (watch !== undefined && watch.#dueMs <= nowMs) {
      due.push([watch, watch.#dueMs])
      watch = watch.#after
    }
    if (watch !== undefined) Watch.#arm(queue, watch.#dueMs - nowMs)
    if (due.length === 0) return
    // Where the event loop stood still, what has come meanwhile is still to be heard: only who is then still watched is late.
    setImmediate(() => {
      for (const [one, dueMs] of due) {
        if (one.#queue !== queue || one.#dueMs !== dueMs) continue
        one.stop()
        one.#late(queue.ms)
      }
    })
  }
}
