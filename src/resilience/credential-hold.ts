// What a refused credential comes to: for which reason and how long it is left alone. Pure.
import { type GatewayError, isUnpaid } from '../canonical/errors.ts'
import type { CredentialFault } from '../exchange/facts/credentials.ts'

/** Milliseconds; absent: until the key is changed, somebody lifts it, or (after a refused key) a free check succeeds. */
export interface HoldOptions {
  /** After the provider did not know the key (401). Default: no end. */
  readonly authMs?: number
  /** After it asked for money (402). Default: no end. */
  readonly billingMs?: number
  /** After it refused the credential one model (403). Default 900000. */
  readonly permissionMs: number
  /** After the credential's quota was used up. Default 900000. */
  readonly quotaMs: number
  /** A key that was refused is checked again no sooner than this, for free, when a call would have used it. Default 30000. */
  readonly probeMs: number
}

export const HOLD: HoldOptions = { permissionMs: 900_000, quotaMs: 900_000, probeMs: 30_000 }

export interface Hold {
  readonly reason: CredentialFault
  /** Infinity: until something is done about it. */
  readonly forMs: number
  /** Only for the model that was asked for: the provider may give another to the same credential. */
  readonly ofModel: boolean
}

/** Undefined where the failure says nothing of the credential. */
export function holdAfter(error: GatewayError, options: HoldOptions): Hold | undefined {
  if (error.origin !== 'upstream') return undefined
  switch (error.kind) {
    case 'auth':
      return { reason: 'auth', forMs: options.authMs ?? Infinity, ofModel: false }
    case 'permission':
      return { reason: 'permission', forMs: options.permissionMs, ofModel: true }
    case 'quota':
      // OpenRouter refuses so while other calls hold the rest of the balance, and says for how long.
      if (error.retryAfterMs !== undefined) return undefined
      return isUnpaid(error)
        ? { reason: 'billing', forMs: options.billingMs ?? Infinity, ofModel: false }
        : { reason: 'quota', forMs: options.quotaMs, ofModel: false }
    default:
      return undefined
  }
}
