// A whole body, as text or as it came, within a limit.
import { GatewayError } from '../canonical/errors.ts'

/** Bytes that are no UTF-8 become U+FFFD. Throws GatewayError upstream when the body is longer than `maxBytes`. */
export async function readBody(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder('utf-8')
  let bytes = 0
  let text = ''
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > maxBytes) throw tooLong(maxBytes)
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

/** A whole body as it came. Throws GatewayError upstream when it is longer than `maxBytes`. */
export async function readBytes(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    if (length > maxBytes) throw tooLong(maxBytes)
    chunks.push(chunk)
  }
  const whole = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}

function tooLong(maxBytes: number): GatewayError {
  return new GatewayError('upstream', `The answer is longer than ${maxBytes} bytes.`, {
    origin: 'upstream',
    code: 'upstream_too_large',
    breakage: { cause: 'too_large', sent: 'all' },
  })
}
