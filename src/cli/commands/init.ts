// patchbay init: makes the vault of this installation and the file with its key, and says where they are.
import { randomBytes } from 'node:crypto'
import { Command } from 'commander'
import { compact } from '../../canonical/compact.ts'
import { vaultPlaces } from '../../config/vault-places.ts'
import { slotJson } from '../../server/vault/desk-words.ts'
import { makeKeyFile } from '../../server/vault/make-key-file.ts'
import { keyPlaces } from '../../server/vault/key-places.ts'
import { findKey } from '../../vault/find-key.ts'
import { usualKeyFile } from '../../vault/key-sources/key-file.ts'
import { newKey, recoveryCode } from '../../vault/key-text.ts'
import type { SlotRequest } from '../../vault/vault.ts'
import { CommandFailure, EXIT } from '../exit.ts'
import { withConfig, withJson } from '../options.ts'
import { type Terminal, print, printJson, say } from '../terminal.ts'
import { type Desk, type DeskOptions, withDesk } from '../vault/desk.ts'
import { newPassphrase } from '../vault/typed-key.ts'

interface InitOptions extends DeskOptions {
  readonly passphrase?: true
  readonly recovery: boolean
}

export function initCommand(terminal: Terminal, name: string = 'init'): Command {
  return withJson(withConfig(new Command(name)))
    .description('make the vault that keeps the keys of providers')
    .option('--vault-key-file <file>', 'where its key is, or is to be put')
    .option('--passphrase', 'open it with a passphrase instead of a key file')
    .option('--no-recovery', 'without a recovery code')
    .action((options: InitOptions) => init(terminal, options))
}

async function init(terminal: Terminal, options: InitOptions): Promise<void> {
  const { vaultKeyFile: _, ...elsewhere } = options
  await withDesk(terminal, elsewhere, async (desk) => {
    const state = (await desk.ask('status')).string('state')
    if (state !== 'absent') {
      throw new CommandFailure(`There is a vault already: it is ${state}.`, {
        code: EXIT.config,
        next: 'See it: patchbay vault status',
      })
    }
    const slot = options.passphrase === true ? await byPassphrase(terminal, desk) : undefined
    const key = slot ?? (await byKey(terminal, desk, options))
    const recovery = options.recovery ? newKey(randomBytes) : undefined
    const slots = [key.slot, ...(recovery === undefined ? [] : [recoverySlot(recovery)])]
    await desk.ask('create', { slots: slots.map(slotJson) })
    const { file } = vaultPlaces(desk.config, terminal.env)
    const code = recovery === undefined ? undefined : recoveryCode(recovery)
    if (options.json === true) {
      return printJson(terminal, compact({ vault: file, key: key.where, recovery_code: code }))
    }
    print(terminal, `Made the vault ${file}.`)
    print(terminal, `It opens with ${key.where}.`)
    if (code !== undefined) {
      print(terminal, `Should that be lost, with this recovery code, shown only now:\n  ${code}`)
    }
    say(terminal, advice(key.isFile))
  })
}

interface MadeKey {
  readonly slot: SlotRequest
  readonly where: string
  readonly isFile: boolean
}

async function byPassphrase(terminal: Terminal, { config }: Desk): Promise<MadeKey> {
  const passphrase = await newPassphrase(terminal)
  const cost = config.vault?.passphrase
  const given = { form: 'passphrase', passphrase } as const
  return {
    slot: { type: 'passphrase', given, ...compact({ cost }) },
    where: 'the passphrase that you have given',
    isFile: false,
  }
}

/** With a key that is there already, else with one that is made in a file. */
async function byKey(
  terminal: Terminal,
  { config }: Desk,
  { vaultKeyFile }: InitOptions,
): Promise<MadeKey> {
  const { env } = terminal
  const named = vaultKeyFile === undefined ? {} : { keyFile: vaultKeyFile }
  const places = vaultPlaces({ ...config, vault: { ...config.vault, ...named } }, env)
  const path = places.namedKey ?? places.usualKey
  const safe = { uid: process.geteuid?.(), outside: config.dataDir }
  const sources =
    places.namedKey === undefined
      ? keyPlaces({ config, env, forget: () => {} })
      : [usualKeyFile(places.namedKey, safe)]
  const { found, unreachable } = await findKey(sources)
  if (unreachable !== undefined) throw unreachable
  if (found !== undefined) {
    const { type, given, where } = found
    return { slot: { type, given }, where, isFile: type === 'key-file' }
  }
  if (path === undefined) {
    throw new CommandFailure('There is no home folder to put a key file into.', {
      code: EXIT.usage,
      next: 'Name a file: patchbay init --vault-key-file <file>',
    })
  }
  const { given, where } = await makeKeyFile(path, { random: randomBytes, outside: config.dataDir })
  return { slot: { type: 'key-file', given }, where, isFile: true }
}

function recoverySlot(bytes: Buffer): SlotRequest {
  return { type: 'recovery', given: { form: 'bytes', bytes } }
}

function advice(isFile: boolean): string {
  const lost = 'Without a key that opens it, nobody can read the vault, Patchbay included.'
  if (!isFile) return lost
  return `${lost}\nThe key file may lie anywhere but in the data folder; name it with --vault-key-file or vault.key_file. In a systemd unit: docs/vault.md.`
}
