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

  next(): Promise<IteratorResult<Uint8Array>> {
    return this.#source.next().then(this.#clean)
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    await this.#source.return?.()
    return { done: true, value: undefined }
  }

  readonly #clean = (
    step: IteratorResult<Uint8Array>,
  ): IteratorResult<Uint8Array> | Promise<IteratorResult<Uint8Array>> => {
    if (step.done === true) return this.#rest() ?? step
    let bytes = this.#joined(step.value)
    for (const needle of this.#needles) bytes = masked(bytes, needle)
    let open = 0
    for (const needle of this.#needles) open = Math.max(open, beginning(bytes, needle))
    this.#held = open === 0 ? NOTHING : bytes.subarray(bytes.length - open)
    if (open === 0) return { done: false, value: bytes }
    // What could become a secret waits for what comes next.
    return open < bytes.length
      ? { done: false, value: bytes.subarray(0, bytes.length - open) }
      : this.next()
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

/** How many bytes at the end are the beginning of a secret. Looked at is only where its first byte stands. */
function beginning(bytes: Buffer, needle: Buffer): number {
  const [first = 0] = needle
  let at = bytes.indexOf(first, Math.max(0, bytes.length - needle.length + 1))
  for (; at !== -1; at = bytes.indexOf(first, at + 1)) {
    const length = bytes.length - at
    if (bytes.compare(needle, 0, length, at) === 0) return length
  }
  return 0
}
