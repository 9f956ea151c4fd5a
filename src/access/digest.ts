// The digests that are kept of keys: made, and compared in a time that tells nothing.
import { createHmac, hash, timingSafeEqual } from 'node:crypto'
import { NO_PEPPER, type Pepper } from './pepper.ts'

/** What is kept of a key's secret: enough to know it again, not enough to use it. A slow hash would protect no better, as the secret has 256 random bits. */
export interface KeyDigest {
  /** In hex, of the whole key. */
  readonly digest: string
  /** The generation of the pepper; 0: SHA-256 without one. */
  readonly generation: number
  /** Not good any more from then on, in milliseconds since 1970: the key has been replaced. */
  readonly until?: number
}

export function digestOf(key: string, pepper: Pepper | undefined): KeyDigest {
  const generation = pepper?.generation ?? NO_PEPPER
  const bytes = bytesOf(key, { pepper, generation })
  if (bytes === undefined) throw new Error('the pepper has no key of its own generation')
  return { digest: bytes.toString('hex'), generation }
}

export interface Verifying {
  readonly pepper: Pepper | undefined
  /** Milliseconds since 1970. */
  readonly now: number
  /** How long digests of an earlier generation are honoured once there is a newer one, in milliseconds. */
  readonly renewalMs: number
}

/** Which of the digests a key has; undefined for none. It takes as long without any as with one. */
export function matchingDigest(
  key: string,
  digests: readonly KeyDigest[],
  verifying: Verifying,
): KeyDigest | undefined {
  let found: KeyDigest | undefined
  const nobodys = { digest: '00'.repeat(32), generation: verifying.pepper?.generation ?? NO_PEPPER }
  // An unknown id is compared too, with what no key has.
  for (const known of digests.length === 0 ? [nobodys] : digests) {
    const presented = bytesOf(key, { ...verifying, generation: known.generation })
    const expected = Buffer.from(known.digest, 'hex')
    const isSame =
      presented !== undefined &&
      presented.length === expected.length &&
      timingSafeEqual(presented, expected)
    if (isSame && known !== nobodys && isHonoured(known, verifying)) found = known
  }
  return found
}

function isHonoured(
  { until, generation }: KeyDigest,
  { pepper, now, renewalMs }: Verifying,
): boolean {
  if (until !== undefined && now >= until) return false
  if (pepper === undefined || generation === pepper.generation) return true
  return now < pepper.since + renewalMs
}

function bytesOf(
  key: string,
  { pepper, generation }: { readonly pepper: Pepper | undefined; readonly generation: number },
): Buffer | undefined {
  if (generation === NO_PEPPER) return hash('sha256', key, 'buffer')
  const secret = pepper?.keyOf(generation)
  return secret === undefined ? undefined : createHmac('sha256', secret).update(key).digest()
}
