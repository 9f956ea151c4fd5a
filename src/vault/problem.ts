// What can be wrong with the vault, each with a code of its own; no message holds a secret.
import { type ErrorKind, GatewayError } from '../canonical/errors.ts'

export type VaultProblem =
  /** It is closed: its key is not here. */
  | 'vault_sealed'
  /** There is none yet. */
  | 'vault_absent'
  /** There is one already. */
  | 'vault_present'
  /** What lies on the disk or in the database cannot be read. */
  | 'vault_corrupt'
  /** Somebody changed it who does not have its key. */
  | 'vault_tampered'
  /** It is older than one that was here before. */
  | 'vault_rollback'
  /** No slot opens with the key. */
  | 'vault_key_refused'
  /** A source of keys may not be used as it is. */
  | 'vault_key_unfit'
  /** A source of keys does not answer. */
  | 'vault_key_unreachable'
  /** No secret has the name. */
  | 'secret_unknown'
  /** The secret is for another provider or address. */
  | 'secret_elsewhere'
  /** One stored secret is not what was stored. */
  | 'secret_refused'
  /** What is asked for cannot be done with it. */
  | 'vault_unfit'
  /** Others changed it at the same time, again and again. */
  | 'vault_busy'
  /** A generation of keys has sealed as much as it may. */
  | 'vault_worn'
  /** It cannot be written. */
  | 'vault_not_written'

const KINDS: Readonly<Record<VaultProblem, ErrorKind>> = {
  vault_sealed: 'overloaded',
  vault_absent: 'conflict',
  vault_present: 'conflict',
  vault_corrupt: 'internal',
  vault_tampered: 'internal',
  vault_rollback: 'internal',
  vault_key_refused: 'permission',
  vault_key_unfit: 'permission',
  vault_key_unreachable: 'overloaded',
  secret_unknown: 'not_found',
  secret_elsewhere: 'permission',
  secret_refused: 'internal',
  vault_unfit: 'invalid_request',
  vault_busy: 'conflict',
  vault_worn: 'internal',
  vault_not_written: 'internal',
}

export function vaultProblem(code: VaultProblem, message: string, cause?: unknown): GatewayError {
  return new GatewayError(KINDS[code], message, {
    code,
    ...(cause === undefined ? {} : { cause }),
  })
}

/** Whether it is one of these. */
export function isVaultProblem(thrown: unknown, code: VaultProblem): thrown is GatewayError {
  return thrown instanceof GatewayError && thrown.code === code
}
