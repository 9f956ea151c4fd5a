// Where the lines of the log go: those of one turn of the event loop are written together, after whoever waits for an answer has it.

export interface LogOutputOptions {
  readonly write: (text: string) => void
  /** Runs something once the present turn is over. */
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
