// Finds stop strings in text that comes piece by piece, and holds back what might become one.

/** Text goes in by `write`; what comes out can no longer be part of a stop string. */
export class StopMatcher {
  readonly #stops: readonly string[]
  #held = ''
  #found: string | undefined

  constructor(stops: readonly string[]) {
    this.#stops = stops.filter((stop) => stop !== '')
  }

  /** The stop string that was met; from then on nothing comes out. */
  get found(): string | undefined {
    return this.#found
  }

  write(piece: string): string {
    if (this.#found !== undefined) return ''
    const text = this.#held + piece
    const hit = this.#firstHit(text)
    if (hit !== undefined) {
      this.#found = hit.stop
      this.#held = ''
      return text.slice(0, hit.at)
    }
    const free = text.length - this.#openEnd(text)
    this.#held = text.slice(free)
    return text.slice(0, free)
  }

  /** What was held back, at the end of the text. */
  finish(): string {
    const rest = this.#held
    this.#held = ''
    return rest
  }

  /** The stop string that ends first, as a reader who goes letter by letter meets it. */
  #firstHit(text: string): { readonly stop: string; readonly at: number } | undefined {
    let best: { readonly stop: string; readonly at: number } | undefined
    for (const stop of this.#stops) {
      const at = text.indexOf(stop)
      if (at === -1) continue
      const end = at + stop.length
      const bestEnd = best === undefined ? Infinity : best.at + best.stop.length
      if (end < bestEnd || (end === bestEnd && at < (best?.at ?? 0))) best = { stop, at }
    }
    return best
  }

  /** The length of the longest end of the text that begins a stop string. */
  #openEnd(text: string): number {
    const longest = Math.max(0, ...this.#stops.map((stop) => stop.length - 1))
    for (let length = Math.min(longest, text.length); length > 0; length -= 1) {
      const end = text.slice(text.length - length)
      if (this.#stops.some((stop) => stop.startsWith(end))) return length
    }
    return 0
  }
}
