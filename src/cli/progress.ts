// How far a download is: a bar that redraws itself at a terminal, plain lines elsewhere.
import type { Terminal } from './terminal.ts'

export interface Amount {
  readonly label: string
  readonly receivedBytes: number
  /** Absent when the source does not say. */
  readonly totalBytes?: number
}

const BAR_WIDTH = 24
/** Without a terminal: a line each so many percent. */
const LINE_STEP = 10

export class Progress {
  readonly #terminal: Terminal
  #label = ''
  #shown = ''
  #step = -1

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  show(amount: Amount): void {
    if (amount.label !== this.#label) {
      this.end()
      this.#label = amount.label
    }
    if (this.#terminal.stderr.isTTY === true) this.#redraw(barText(amount))
    else this.#line(amount)
  }

  /** Leaves the bar standing and goes to the next line. */
  end(): void {
    if (this.#shown !== '') this.#terminal.stderr.write('\n')
    this.#shown = ''
    this.#step = -1
  }

  #redraw(text: string): void {
    if (text === this.#shown) return
    this.#shown = text
    this.#terminal.stderr.write(`\r\u001B[K${text}`)
  }

  #line(amount: Amount): void {
    const percent = percentOf(amount)
    const step = percent === undefined ? 0 : Math.floor(percent / LINE_STEP)
    if (step <= this.#step) return
    this.#step = step
    const share = percent === undefined ? '...' : ` ${step * LINE_STEP} % (${sizes(amount)})`
    this.#terminal.stderr.write(`${amount.label}${share}\n`)
  }
}

function percentOf({ receivedBytes, totalBytes }: Amount): number | undefined {
  if (totalBytes === undefined || totalBytes <= 0) return undefined
  return Math.min(100, (100 * receivedBytes) / totalBytes)
}

function barText(amount: Amount): string {
  const percent = percentOf(amount)
  if (percent === undefined) {
    return amount.receivedBytes === 0 ? `${amount.label}...` : `${amount.label}  ${sizes(amount)}`
  }
  const filled = Math.floor((percent / 100) * BAR_WIDTH)
  const bar = '#'.repeat(filled) + '.'.repeat(BAR_WIDTH - filled)
  return `${amount.label}  [${bar}] ${String(Math.floor(percent)).padStart(3)} %  ${sizes(amount)}`
}

function sizes({ receivedBytes, totalBytes }: Amount): string {
  const received = megabytes(receivedBytes)
  return totalBytes === undefined ? `${received} MB` : `${received} of ${megabytes(totalBytes)} MB`
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1)
}
