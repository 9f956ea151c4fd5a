// Seals the texts of calls with a key of the vault's: who has the database alone reads none, and none opens in another's place.
import { type KeyObject, createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { GatewayError } from '../../canonical/errors.ts'

interface ContentKey {
  readonly generation: number
  /** 256 bits. */
  readonly secret: KeyObject
}

/** The key of a generation, or the newest one; undefined where there is no vault. Throws GatewayError where it is sealed. */
export type ContentKeyOf = (generation?: number) => ContentKey | undefined

export interface ContentCipher {
  /** `place`: whose text it is; it opens for no other. */
  seal(place: string, text: string): string
  open(place: string, sealed: string): string
}

const ALGORITHM = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16
/** What was written while there was no vault. */
const CLEAR = 'clear.'
const FORM = /^v1\.(\d{1,9})\.([A-Za-z0-9_-]+)$/

export function contentCipher(keyOf: ContentKeyOf): ContentCipher {
  return {
    seal: (place, text) => {
      const key = keyOf()
      if (key === undefined) return `${CLEAR}${text}`
      const { generation, secret } = key
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv(ALGORITHM, secret, nonce)
      cipher.setAAD(boundTo(place, generation))
      const parts = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]
      return `v1.${generation}.${Buffer.concat(parts).toString('base64url')}`
    },
    open: (place, sealed) => {
      if (sealed.startsWith(CLEAR)) return sealed.slice(CLEAR.length)
      const [, number = '', text = ''] = FORM.exec(sealed) ?? []
      const bytes = Buffer.from(text, 'base64url')
      if (bytes.length < NONCE_BYTES + TAG_BYTES) throw refused()
      const key = keyOf(Number(number))
      if (key === undefined) throw refused()
      const { generation, secret } = key
      try {
        const decipher = createDecipheriv(ALGORITHM, secret, bytes.subarray(0, NONCE_BYTES))
        decipher.setAAD(boundTo(place, generation))
        decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
        const body = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES))
        return Buffer.concat([body, decipher.final()]).toString('utf8')
      } catch {
        throw refused()
      }
    },
  }
}

function boundTo(place: string, generation: number): Buffer {
  return Buffer.from(JSON.stringify(['patchbay/v1/content', place, generation]))
}

function refused(): GatewayError {
  return new GatewayError(
    'internal',
    'This text does not open: somebody changed its row, or it was sealed by another vault.',
    { code: 'content_refused' },
  )
}
