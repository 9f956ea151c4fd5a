// The signature of what is sent to a webhook: who receives it knows whence it comes, and when.
import { createHmac } from 'node:crypto'
import { GatewayError } from '../../canonical/errors.ts'
import type { Secret } from '../../vault/secret.ts'

/** HMAC-SHA256 over `timestamp.body`, in hex. Throws for an empty secret, which anybody has. */
export function signature(secret: Secret, timestamp: number, body: string): string {
  const key = secret.reveal()
  if (key === '') {
    throw new GatewayError('invalid_request', 'The secret of a webhook must not be empty.', {
      code: 'empty_secret',
    })
  }
  return createHmac('sha256', key).update(`${timestamp}.${body}`).digest('hex')
}
