// Byte streams cut anywhere, for the properties of stream readers.
import fc from 'fast-check'
import type { Frame } from './frame.ts'
import type { Machine } from './machine.ts'

/** The bytes in pieces, some of them empty, cut at any place: inside a character, between CR and LF. */
export function chunked(bytes: Uint8Array): fc.Arbitrary<readonly Uint8Array[]> {
  return fc.array(fc.nat(bytes.length), { maxLength: 12 }).map((cuts) => {
    const edges = [0, ...cuts.toSorted((left, right) => left - right), bytes.length]
    return edges.slice(1).map((end, at) => bytes.slice(edges[at], end))
  })
}

export function byteByByte(bytes: Uint8Array): readonly Uint8Array[] {
  return Array.from(bytes, (byte) => Uint8Array.of(byte))
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** Everything a reader gives for these pieces, the end included. */
export function readAll(
  reader: Machine<Uint8Array, Frame>,
  chunks: readonly Uint8Array[],
): readonly Frame[] {
  return [...chunks.flatMap((chunk) => [...reader.write(chunk)]), ...reader.finish()]
}
