// A certificate for 127.0.0.1 that signs itself, made while the tests run (RFC 5280 in the few fields that TLS asks for).
import { generateKeyPairSync, sign } from 'node:crypto'

export interface Certificate {
  readonly key: string
  readonly cert: string
}

export interface Validity {
  readonly from: Date
  readonly to: Date
}

export function selfSigned({ from, to }: Validity): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const algorithm = sequence(ECDSA_SHA256)
  const name = sequence(set(sequence(COMMON_NAME, der(0x0c, Buffer.from('faults')))))
  const address = der(0x87, Buffer.from([127, 0, 0, 1]))
  const body = sequence(
    der(0xa0, integer(2)),
    integer(1),
    algorithm,
    name,
    sequence(time(from), time(to)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(extension(ALT_NAME, sequence(address)), extension(BASIC, sequence(TRUE)))),
  )
  const signature = sign('sha256', body, privateKey)
  const whole = sequence(body, algorithm, der(0x03, Buffer.concat([Buffer.from([0]), signature])))
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${whole.toString('base64')}\n-----END CERTIFICATE-----\n`,
  }
}

const ECDSA_SHA256 = Buffer.from('06082a8648ce3d040302', 'hex')
const COMMON_NAME = Buffer.from('0603550403', 'hex')
const ALT_NAME = Buffer.from('0603551d11', 'hex')
const BASIC = Buffer.from('0603551d13', 'hex')
const TRUE = Buffer.from('0101ff', 'hex')

function der(tag: number, content: Buffer): Buffer {
  const { length } = content
  const size =
    length < 128
      ? Buffer.from([length])
      : length < 256
        ? Buffer.from([0x81, length])
        : Buffer.from([0x82, length >> 8, length & 0xff])
  return Buffer.concat([Buffer.from([tag]), size, content])
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts))
}

function set(...parts: readonly Buffer[]): Buffer {
  return der(0x31, Buffer.concat(parts))
}

/** Below 128. */
function integer(value: number): Buffer {
  return der(0x02, Buffer.from([value]))
}

function time(date: Date): Buffer {
  const text = date.toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)
  return der(0x18, Buffer.from(`${text}Z`))
}

function extension(id: Buffer, value: Buffer): Buffer {
  return sequence(id, der(0x04, value))
}
