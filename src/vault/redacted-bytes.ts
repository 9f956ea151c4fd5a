// Takes known secrets out of bytes that others send, wherever they are cut: a host that tells a key back tells it to nobody.
import { MASK, SHORTEST } from './redact.ts'

/** The source itself where there is nothing to look for. */
export function redactedBytes(
  source: AsyncIterable<Uint8Array>,
  secrets: readonly string[],
): AsyncIterable<Uint8Array> {
  const needles = secrets
    .filter(({ length }) => length >= SHORTEST)
    .map((secret) => Buffer.from(secret))
  if (needles.length === 0) return source
  return {
    [Symbol.asyncIterator]: () => new RedactedBytes(source[Symbol.asyncIterator](), needles),
  }
}

const NOTHING = Buffer.alloc(0)

// Not a generator: one that is left before its first step would not close what it reads.
class RedactedBytes implements AsyncIterator<Uint8Array> {
  readonly #source: AsyncIterator<Uint8Array>
  readonly #needles: readonly Buffer[]
  /** What could be the beginning of a secret, until more is known. */
  #held: Buffer = NOTHING

  constructor(source: AsyncIterator<Uint8Array>, needles: readonly Buffer[]) {
    this.#source = source
    this.#needles = needles
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    for (;;) {
      const step = await this.#source.next()
      if (step.done === true) return this.#rest() ?? step
      const clean = this.#needles.reduce(masked, this.#joined(step.value))
      const open = Math.max(...this.#needles.map((needle) => beginning(clean, needle)))
      this.#held = clean.subarray(clean.length - open)
      if (open < clean.length) {
        return { done: false, value: clean.subarray(0, clean.length - open) }
      }
    }
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    await this.#source.return?.()
    return { done: true, value: undefined }
  }

  #joined(chunk: Uint8Array): Buffer {
    if (this.#held.length > 0) return Buffer.concat([this.#held, chunk])
    return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  }

  #rest(): IteratorResult<Uint8Array> | undefined {
    if (this.#held.length === 0) return undefined
    const value = this.#held
    this.#held = NOTHING
    return { done: false, value }
  }
}

function masked(bytes: Buffer, needle: Buffer): Buffer {
  const at = bytes.indexOf(needle)
  if (at === -1) return bytes
  const rest = masked(bytes.subarray(at + needle.length), needle)
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(MASK), rest])
}

/** How many bytes at the end are the beginning of a secret. */
function beginning(bytes: Buffer, needle: Buffer): number {
  for (let length = Math.min(needle.length - 1, bytes.length); length > 0; length -= 1) {
    if (bytes.compare(needle, 0, length, bytes.length - length) === 0) return length
  }
  return 0
}
