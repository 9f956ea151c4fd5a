// Argon2id makes a passphrase costly to guess; what a file asks of it lies between a floor and a ceiling.
import * as crypto from 'node:crypto'
import { vaultProblem } from './problem.ts'
import type { Secret } from './secret.ts'

export interface PassphraseCost {
  readonly memoryKib: number
  readonly passes: number
  readonly lanes: number
}

/** RFC 9106, section 4, second choice; with four lanes. */
export const USUAL_COST: PassphraseCost = { memoryKib: 65_536, passes: 3, lanes: 4 }

/** Below the first a passphrase could be guessed too cheaply (OWASP, 2025); above the second a file could keep this machine busy. */
export const COST_BOUNDS: Readonly<Record<keyof PassphraseCost, readonly [number, number]>> = {
  memoryKib: [19_456, 1_048_576],
  passes: [2, 16],
  lanes: [1, 16],
}

/** What is asked for in all: a gibibyte goes with few passes only. */
const MOST_WORK = 4 * 1_048_576

/** Throws where the cost is out of bounds. */
export function assertCost(cost: PassphraseCost): void {
  const outside = Object.entries(COST_BOUNDS).find(([name, [floor, ceiling]]) => {
    const value = Object.entries(cost).find(([key]) => key === name)?.[1]
    return !Number.isInteger(value) || value < floor || value > ceiling
  })
  if (outside === undefined && cost.memoryKib * cost.passes <= MOST_WORK) return
  const [name, [floor, ceiling]] = outside ?? ['memoryKib times passes', [0, MOST_WORK]]
  throw vaultProblem(
    'vault_corrupt',
    `A passphrase slot of the vault asks for a cost that is not allowed: ${name} must be between ${floor} and ${ceiling}. Restore the vault from a backup.`,
  )
}

/** 32 bytes. */
export async function fromPassphrase(
  passphrase: Secret,
  { salt, cost }: { readonly salt: Buffer; readonly cost: PassphraseCost },
): Promise<Buffer> {
  assertCost(cost)
  // Node has it since 24.7.
  if (!('argon2' in crypto)) {
    throw vaultProblem(
      'vault_key_unfit',
      'Passphrases need Node 24.7 or newer: this one has no Argon2. Use a key file, or a newer Node.',
    )
  }
  const message = Buffer.from(passphrase.reveal().normalize('NFC'), 'utf8')
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  crypto.argon2(
    'argon2id',
    {
      message,
      nonce: salt,
      parallelism: cost.lanes,
      memory: cost.memoryKib,
      passes: cost.passes,
      tagLength: 32,
    },
    (error, derived) => {
      message.fill(0)
      if (error === null) resolve(derived)
      else reject(error)
    },
  )
  return promise
}
