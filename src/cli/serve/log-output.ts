// Where the lines of the log go: those of a moment are written together, after whoever waits for an answer has it. A write wakes whoever reads
// the log, and costs more than making its lines.

import type { Terminal } from '../terminal.ts'

export interface LogOutputOptions {
  readonly write: (text: string) => void
  /** Runs something in a moment. */
  readonly later: (run: () => void) => void
}

export class LogOutput {
  readonly #options: LogOutputOptions
  #lines: string[] = []

  constructor(options: LogOutputOptions) {
    this.#options = options
  }

  /** Takes a line without its end. */
  line(text: string): void {
    if (this.#lines.length === 0) this.#options.later(() => this.flush())
    this.#lines.push(text)
  }

  /** Writes what is waiting: nothing else will, where the process is about to end. */
  flush(): void {
    if (this.#lines.length === 0) return
    const text = `${this.#lines.join('\n')}\n`
    this.#lines = []
    this.#options.write(text)
  }
}

/** Milliseconds that lines wait at the most. */
const WAIT_MS = 10

export interface Log {
  /** Takes a line without its end. */
  line(text: string): void
  /** To be called once, at the end. */
  close(): void
}

/** To stderr; what still waits where the process ends in whatever way is written then. */
export function openLog({ stderr }: Terminal): Log {
  const output = new LogOutput({
    write: (text) => void stderr.write(text),
    later: (run) => void setTimeout(run, WAIT_MS).unref(),
  })
  const flushed = (): void => output.flush()
  process.once('exit', flushed)
  return {
    line: (text) => output.line(text),
    close: () => {
      output.flush()
      process.off('exit', flushed)
    },
  }
}
