// The transport over undici.
import { GatewayError } from '../canonical/errors.ts'
import type { Transport } from './transport.ts'

export function createTransport(): Transport {
  return {
    send: async () => {
      throw new GatewayError('internal', 'no transport yet')
    },
    close: async () => {},
  }
}
