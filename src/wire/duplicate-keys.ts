// Keys that stand twice in one object of a JSON text: readers differ in which of the two they take, so that one checks what another obeys.

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OBJECT = 0x7b
const OBJECT_END = 0x7d
const LIST = 0x5b
const LIST_END = 0x5d
const COLON = 0x3a

/** Objects within the outermost one are looked at as well, such as settings that have a group of their own; nothing below. */
const DEPTH = 2

/** The first such key of a valid JSON text; undefined where there is none. */
export function duplicateKey(text: string): string | undefined {
  /** The keys of each open object down to the depth that counts; undefined for a list. */
  const open: (Set<string> | undefined)[] = []
  let depth = 0
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      const end = stringEnd(text, at)
      const keys = depth <= DEPTH ? open[depth - 1] : undefined
      if (keys !== undefined && isKey(text, end)) {
        const key = keyOf(text.slice(at, end + 1))
        if (keys.has(key)) return key
        keys.add(key)
      }
      at = end
    } else if (code === OBJECT || code === LIST) {
      if (depth < DEPTH) open[depth] = code === OBJECT ? new Set() : undefined
      depth += 1
    } else if (code === OBJECT_END || code === LIST_END) depth -= 1
  }
  return undefined
}

/** Where the string ends that begins there. */
function stringEnd(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let before = end - 1
    while (text.charCodeAt(before) === BACKSLASH) before -= 1
    if ((end - before) % 2 === 1) return end
  }
  return text.length
}

/** Whether a colon follows. */
function isKey(text: string, end: number): boolean {
  let next = end + 1
  while (text.charCodeAt(next) <= 0x20) next += 1
  return text.charCodeAt(next) === COLON
}

/** As it is meant: `"\u006dodel"` is `model`. */
function keyOf(quoted: string): string {
  const plain = quoted.slice(1, -1)
  return plain.includes('\\') ? String(JSON.parse(quoted)) : plain
}
