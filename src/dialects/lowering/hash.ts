// A small deterministic hash for names and ids: no secret depends on it, so it need not be cryptographic.

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const CHARACTERS_A_WORD = 5

/** `length` characters out of `[0-9A-Za-z]`, the same for the same text on every machine. */
export function hashText(text: string, length: number): string {
  let result = ''
  for (let seed = 0; result.length < length; seed += 1) result += encoded(word(text, seed))
  return result.slice(0, length)
}

/** 32 bits: FNV-1a over the UTF-16 units, then the finalizer of MurmurHash3. */
function word(text: string, seed: number): number {
  let hash = (0x811c9dc5 ^ Math.imul(seed + 1, 0x9e3779b1)) >>> 0
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

function encoded(word: number): string {
  let text = ''
  let left = word
  for (let at = 0; at < CHARACTERS_A_WORD; at += 1) {
    text += ALPHABET.charAt(left % ALPHABET.length)
    left = Math.floor(left / ALPHABET.length)
  }
  return text
}
