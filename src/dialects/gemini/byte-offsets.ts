// Places in a text: this wire counts bytes of UTF-8, the model counts UTF-16 units.

const encoder = new TextEncoder()

/** Bytes of UTF-8 before a UTF-16 index. */
export function bytesBefore(text: string, index: number): number {
  return encoder.encode(text.slice(0, index)).length
}

/** The UTF-16 index that so many bytes come before; within a character, where that begins. */
export function indexAtByte(text: string, bytes: number): number {
  let seen = 0
  let index = 0
  for (const character of text) {
    seen += encoder.encode(character).length
    if (seen > bytes) return index
    index += character.length
  }
  return index
}
