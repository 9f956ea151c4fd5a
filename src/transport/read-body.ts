// A whole body as text, within a limit.
import { GatewayError } from '../canonical/errors.ts'

/** Throws GatewayError upstream when the body is longer than `maxBytes` or not UTF-8. */
export async function readBody(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let bytes = 0
  let text = ''
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > maxBytes) {
      throw refused(`The answer is longer than ${maxBytes} bytes.`)
    }
    text += decoded(() => decoder.decode(chunk, { stream: true }))
  }
  return text + decoded(() => decoder.decode())
}

function decoded(decode: () => string): string {
  try {
    return decode()
  } catch {
    throw refused('The answer is not UTF-8.')
  }
}

function refused(message: string): GatewayError {
  return new GatewayError('upstream', message, { origin: 'upstream', code: 'upstream_bad_body' })
}
