// Sends one alert to a webhook: signed, without following where it points, and with patience that ends.
import { toGatewayError } from '../../canonical/errors.ts'
import { operatorReach } from '../../transport/egress.ts'
import type { Transport } from '../../transport/transport.ts'
import type { Secret } from '../../vault/secret.ts'
import { signature } from './signature.ts'

export interface WebhookOptions {
  readonly url: URL
  readonly secret: Secret
  readonly timeoutMs: number
  readonly transport: Transport
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly signal: AbortSignal
}

export interface Message {
  /** The same each time that it is sent: whoever receives it twice can tell. */
  readonly id: string
  readonly body: string
}

/** Undefined where it was received, else why not. Never rejects. */
export async function sendToWebhook(
  { id, body }: Message,
  { url, secret, timeoutMs, transport, now, signal }: WebhookOptions,
): Promise<string | undefined> {
  const timestamp = Math.floor(now() / 1000)
  try {
    const response = await transport.send({
      method: 'POST',
      url,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'patchbay',
        'x-patchbay-alert': id,
        'x-patchbay-timestamp': String(timestamp),
        'x-patchbay-signature': `v1=${signature(secret, timestamp, body)}`,
      },
      body,
      reach: operatorReach(url),
      timeouts: {
        connectMs: timeoutMs,
        firstByteMs: timeoutMs,
        idleMs: timeoutMs,
        totalMs: timeoutMs,
      },
      signal,
    })
    response.cancel()
    const { status } = response
    return status >= 200 && status < 300 ? undefined : `it answered ${status}`
  } catch (thrown) {
    return toGatewayError(thrown).message
  }
}
