// Ids of requests, which nobody can guess: their random bytes are drawn for many at once, since each draw costs as much as all the checks of a request.
const BYTES = 12
const AT_ONCE = 512

/** `fill`: fills the bytes with random ones, such as `randomFillSync`. */
export function requestIds(fill: (bytes: Buffer) => unknown): () => string {
  const drawn = Buffer.alloc(BYTES * AT_ONCE)
  let at = drawn.length
  return () => {
    if (at === drawn.length) {
      fill(drawn)
      at = 0
    }
    const id = `req_${drawn.toString('hex', at, at + BYTES)}`
    at += BYTES
    return id
  }
}
