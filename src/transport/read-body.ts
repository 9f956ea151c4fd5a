// A whole body as text, within a limit.
import { GatewayError } from '../canonical/errors.ts'

/** Bytes that are no UTF-8 become U+FFFD. Throws GatewayError upstream when the body is longer than `maxBytes`. */
export async function readBody(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder('utf-8')
  let bytes = 0
  let text = ''
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > maxBytes) {
      throw new GatewayError('upstream', `The answer is longer than ${maxBytes} bytes.`, {
        origin: 'upstream',
        code: 'upstream_bad_body',
      })
    }
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}
