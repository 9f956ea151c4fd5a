// The answer of an upstream without the secrets that it was asked with: a host may tell them back in a header, a text, or bytes that pass.
import { readBytes, textOf } from '../transport/read-body.ts'
import type { TransportResponse } from '../transport/transport.ts'
import type { Redaction } from '../vault/redaction.ts'

export class UpstreamAnswer implements TransportResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly #response: TransportResponse
  readonly #redaction: Redaction

  constructor(response: TransportResponse, redaction: Redaction) {
    this.status = response.status
    this.headers = redaction.headers(response.headers)
    this.#response = response
    this.#redaction = redaction
  }

  get body(): AsyncIterable<Uint8Array> {
    return this.#redaction.bytes(this.#response.body)
  }

  /** The whole of it. Throws GatewayError upstream when it is longer than `maxBytes`. */
  async text(maxBytes: number): Promise<string> {
    return this.#redaction.text(textOf(await readBytes(this.#response.body, maxBytes)))
  }

  cancel(): void {
    this.#response.cancel()
  }

  release(): void {
    this.#response.release()
  }
}
