// The envelope in which one provider's private state travels through a client that speaks another dialect, and comes back.
import { compact } from '../../canonical/compact.ts'
import type { Sealed } from '../../canonical/part.ts'
import { ObjectReader, parseJson } from '../../wire/json.ts'
import { hashText } from './hash.ts'

const PREFIX = 'pb1.'
const CHECK_LENGTH = 10

/** `pb1.` + base64url of `{d,p,m,f,c}` + `.` + payload: dialect, provider, model, format, check. An envelope stays as it is. */
export function wrapSeal(seal: Sealed): string {
  const inside = unwrapSeal(seal.payload)
  if (inside !== undefined && inside !== 'foreign') return seal.payload
  const label = JSON.stringify({
    d: seal.origin.dialect,
    p: seal.origin.provider,
    m: seal.origin.model,
    f: seal.format,
    c: check(seal),
  })
  return `${PREFIX}${toBase64Url(label)}.${seal.payload}`
}

/** Undefined: not an envelope. `'foreign'`: a broken or altered one, which nobody may get. */
export function unwrapSeal(text: string): Sealed | 'foreign' | undefined {
  if (!text.startsWith(PREFIX)) return undefined
  const dot = text.indexOf('.', PREFIX.length)
  if (dot === -1) return 'foreign'
  try {
    const label = ObjectReader.of(parseJson(fromBase64Url(text.slice(PREFIX.length, dot))), '')
    const seal: Sealed = {
      payload: text.slice(dot + 1),
      format: label.string('f'),
      origin: {
        dialect: label.string('d'),
        ...compact({ provider: label.optionalString('p'), model: label.optionalString('m') }),
      },
    }
    return label.string('c') === check(seal) ? seal : 'foreign'
  } catch {
    return 'foreign'
  }
}

/** Finds cut and mixed-up envelopes. It is no signature: the issuer of the payload checks that. */
function check(seal: Sealed): string {
  const { dialect, provider = null, model = null } = seal.origin
  return hashText(
    JSON.stringify([dialect, provider, model, seal.format, seal.payload]),
    CHECK_LENGTH,
  )
}

// btoa takes Latin-1 only; JSON may spell everything beyond ASCII as an escape.
function toBase64Url(json: string): string {
  const ascii = json.replaceAll(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return btoa(ascii).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

function fromBase64Url(text: string): string {
  return atob(text.replaceAll('-', '+').replaceAll('_', '/'))
}
