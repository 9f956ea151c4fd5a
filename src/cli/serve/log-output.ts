// Where the lines of the log go: those of a moment are written together, after whoever waits for an answer has it. A write wakes whoever reads
// the log, and costs more than making its lines.

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
