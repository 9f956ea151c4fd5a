// What patchbay.yaml may say of the vault: where its key is, and how one is made.
import { z } from 'zod'
import { compact } from '../canonical/compact.ts'
import { COST_BOUNDS, USUAL_COST } from '../vault/passphrase.ts'
import type { VaultConfig } from './schema.ts'
import { asNumber, flag, optional, positive, text } from './values.ts'

const MIB = 1024

function between([floor, ceiling]: readonly [number, number]): z.ZodPreprocess<z.ZodInt> {
  return z.preprocess(asNumber, z.int().min(floor).max(ceiling))
}

const passphrase = z.strictObject({
  memory_mib: optional(
    between([COST_BOUNDS.memoryKib[0] / MIB, COST_BOUNDS.memoryKib[1] / MIB]),
  ).describe('Memory for one guess, 19 to 1024. Default: 64.'),
  passes: optional(between(COST_BOUNDS.passes)).describe('Default: 3.'),
  lanes: optional(between(COST_BOUNDS.lanes)).describe('Default: 4.'),
})

const entry = z.strictObject({
  key_file: optional(text).describe(
    'The file with its key: the owner’s alone, and not in the data folder. Default: vault.key beside the configuration of the user, where `patchbay init` puts it.',
  ),
  auto_init: optional(flag).describe(
    'false: `patchbay serve` never makes a vault; `patchbay init` does. Default: true, but only for a data folder that has none, on loopback, and said aloud.',
  ),
  keychain: optional(flag).describe(
    'false: the keychain of the system is not asked, even where @napi-rs/keyring is installed. Default: true.',
  ),
  retry: optional(positive).describe(
    'Seconds until a place that has the key and did not answer is asked again; each time twice as long. Default: 1.',
  ),
  retry_max: optional(positive).describe('The longest of these waits, in seconds. Default: 60.'),
  passphrase: optional(passphrase).describe('What Argon2id costs for new passphrases.'),
})

export const vault: z.ZodType<VaultConfig> = entry.transform((read) =>
  compact({
    keyFile: read.key_file,
    autoInit: read.auto_init,
    keychain: read.keychain,
    retryMs: read.retry === undefined ? undefined : read.retry * 1000,
    retryMostMs: read.retry_max === undefined ? undefined : read.retry_max * 1000,
    passphrase: toCost(read.passphrase),
  }),
)

function toCost(read: z.infer<typeof passphrase> | undefined): VaultConfig['passphrase'] {
  if (read === undefined) return undefined
  return {
    memoryKib: read.memory_mib === undefined ? USUAL_COST.memoryKib : read.memory_mib * MIB,
    passes: read.passes ?? USUAL_COST.passes,
    lanes: read.lanes ?? USUAL_COST.lanes,
  }
}
