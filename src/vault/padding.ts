// Secrets are sealed in whole blocks, so that their length tells nothing.

const BLOCK = 64
const PREFIX = 4

export function pad(secret: Uint8Array): Buffer {
  const padded = Buffer.alloc(Math.ceil((PREFIX + secret.length) / BLOCK) * BLOCK)
  padded.writeUInt32BE(secret.length)
  padded.set(secret, PREFIX)
  return padded
}

/** Undefined where nothing was padded so. The result shares its memory with what was given. */
export function unpad(padded: Buffer): Buffer | undefined {
  if (padded.length === 0 || padded.length % BLOCK !== 0) return undefined
  const end = PREFIX + padded.readUInt32BE()
  if (end > padded.length || padded.length - end >= BLOCK) return undefined
  return padded.subarray(end).every((byte) => byte === 0) ? padded.subarray(PREFIX, end) : undefined
}
