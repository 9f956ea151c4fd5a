// Words as bytes, each with its length before it: no two lists of words give the same bytes.

/** A whole number counts as eight bytes. */
export type Word = string | number | Uint8Array

export function measured(words: readonly Word[]): Buffer {
  return Buffer.concat(
    words.flatMap((word) => {
      const bytes = bytesOf(word)
      const length = Buffer.alloc(4)
      length.writeUInt32BE(bytes.length)
      return [length, bytes]
    }),
  )
}

function bytesOf(word: Word): Uint8Array {
  if (typeof word === 'string') return Buffer.from(word, 'utf8')
  if (typeof word !== 'number') return word
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(word))
  return bytes
}
