// A wait that is begun again and again, such as that for the next piece of a stream: one timer serves all of them.
import type { After, CallOff } from './after.ts'

export class Wait {
  readonly #after: After
  readonly #run: () => void
  #timer: CallOff | undefined
  #milliseconds = 0
  #hasRun = false
  #isOn = false

  /** `run` is what happens when a wait lasts too long. */
  constructor(after: After, run: () => void) {
    this.#after = after
    this.#run = run
  }

  /** From now on; a wait that is on begins anew. */
  begin(milliseconds: number): void {
    this.#isOn = true
    this.#hasRun = false
    const anew = this.#timer?.anew
    if (anew !== undefined && milliseconds === this.#milliseconds) return anew()
    this.#timer?.()
    this.#milliseconds = milliseconds
    this.#timer = this.#after(milliseconds, () => this.#lasted())
  }

  /** Counts on from when the last wait began, if that is still being counted: then nothing is set anew. */
  goOn(): boolean {
    this.#isOn = this.#timer !== undefined && !this.#hasRun
    return this.#isOn
  }

  /** It is over, for now: a timer that can be used again goes on and is not heeded. */
  end(): void {
    this.#isOn = false
    if (this.#timer?.anew === undefined) this.close()
  }

  /** No wait is begun any more. */
  close(): void {
    this.#isOn = false
    this.#timer?.()
    this.#timer = undefined
  }

  #lasted(): void {
    this.#hasRun = true
    if (!this.#isOn) return
    this.#isOn = false
    this.#run()
  }
}
