// A whole body, as text or as it came, within a limit.
import { tooLongError } from './failure.ts'
import type { AnswerBody } from './transport.ts'

const UTF8 = new TextDecoder('utf-8')

/** As `textOf` has it. Throws GatewayError upstream when the body is longer than `maxBytes`. */
export async function readBody(body: AnswerBody, maxBytes: number): Promise<string> {
  return textOf(await readBytes(body, maxBytes))
}

/** Bytes that are no UTF-8 become U+FFFD, and a mark of the byte order at the beginning is left out. */
export function textOf(bytes: Uint8Array): string {
  return UTF8.decode(bytes)
}

/** A whole body as it came. Throws GatewayError upstream when it is longer than `maxBytes`. */
export function readBytes(body: AnswerBody, maxBytes: number): Promise<Uint8Array> {
  return body.whole === undefined ? iterated(body, maxBytes) : body.whole(maxBytes)
}

async function iterated(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    if (length > maxBytes) throw tooLongError(maxBytes)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
