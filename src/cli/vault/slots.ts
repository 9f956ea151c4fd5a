// patchbay vault slot add|rm|list and rotate-kek: which keys open the vault.
import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import { Command, Option } from 'commander'
import { compact } from '../../canonical/compact.ts'
import type { PatchbayConfig } from '../../config/schema.ts'
import { slotJson } from '../../server/vault/desk-words.ts'
import { makeKeyFile } from '../../server/vault/make-key-file.ts'
import { systemKeychain } from '../../vault/key-sources/keychain.ts'
import { keyText, newKey, recoveryCode } from '../../vault/key-text.ts'
import type { SlotRequest } from '../../vault/vault.ts'
import { CommandFailure, EXIT } from '../exit.ts'
import { type Terminal, print, printJson, table } from '../terminal.ts'
import { type DeskOptions, withDesk, withOpenDesk } from './desk.ts'
import { withVault } from './options.ts'
import { slotRows } from './status-text.ts'
import { newPassphrase } from './typed-key.ts'

const NEW_TYPES = ['key-file', 'recovery', 'passphrase', 'keychain'] as const
type NewType = (typeof NEW_TYPES)[number]

interface SlotOptions extends DeskOptions {
  readonly type: NewType
  readonly newKeyFile?: string
  readonly label?: string
}

export function slotCommand(terminal: Terminal): Command {
  const group = new Command('slot').description('the keys that open the vault')
  group.addCommand(
    withVault(new Command('list'))
      .description('list them')
      .action((options: DeskOptions) => list(terminal, options)),
  )
  group.addCommand(
    withNewKey(new Command('add'))
      .description('let another key open it')
      .action((options: SlotOptions) => add(terminal, options)),
  )
  group.addCommand(
    withVault(new Command('rm'))
      .description('let a key open it no more; then make a new root key with rotate-root')
      .argument('<slot>')
      .action((id: string, options: DeskOptions) => remove(terminal, id, options)),
  )
  return group
}

export function rotateKekCommand(terminal: Terminal): Command {
  return withNewKey(new Command('rotate-kek'))
    .description('another key in the place of one; what it was works no more')
    .argument('<slot>')
    .action((id: string, options: SlotOptions) => replace(terminal, id, options))
}

function withNewKey(command: Command): Command {
  return withVault(command)
    .addOption(
      new Option('--type <type>', 'what sort of key').choices(NEW_TYPES).default('key-file'),
    )
    .option('--new-key-file <file>', 'where the new key is put')
    .option('--label <text>', 'a word to know it by')
}

async function list(terminal: Terminal, options: DeskOptions): Promise<void> {
  await withDesk(terminal, options, async (desk) => {
    const status = await desk.ask('status')
    if (options.json === true) return printJson(terminal, status.value('slots') ?? [])
    print(terminal, table(slotRows(status)))
  })
}

async function add(terminal: Terminal, options: SlotOptions): Promise<void> {
  await withOpenDesk(terminal, options, async (desk) => {
    const made = await newSlot(terminal, desk.config, options)
    const added = await desk.ask('slot-add', { slot: slotJson(made.slot) })
    tell(terminal, options, { id: added.string('id'), made })
  })
}

async function replace(terminal: Terminal, id: string, options: SlotOptions): Promise<void> {
  await withOpenDesk(terminal, options, async (desk) => {
    const made = await newSlot(terminal, desk.config, options)
    const added = await desk.ask('slot-replace', { id, slot: slotJson(made.slot) })
    tell(terminal, options, { id: added.string('id'), made })
  })
}

async function remove(terminal: Terminal, id: string, options: DeskOptions): Promise<void> {
  await withOpenDesk(terminal, options, async (desk) => {
    await desk.ask('slot-remove', { id })
    if (options.json === true) return printJson(terminal, { removed: id })
    print(
      terminal,
      `Slot ${id} opens the vault no more. Who had its key may still know the root key: patchbay vault rotate-root`,
    )
  })
}

interface Made {
  readonly slot: SlotRequest
  readonly where: string
  /** Shown now, and never again. */
  readonly code?: string
}

async function newSlot(
  terminal: Terminal,
  { dataDir, vault }: PatchbayConfig,
  { type, newKeyFile, label }: SlotOptions,
): Promise<Made> {
  const labelled = compact({ label })
  switch (type) {
    case 'passphrase': {
      const given = { form: 'passphrase', passphrase: await newPassphrase(terminal) } as const
      const cost = vault?.passphrase
      return { slot: { type, given, ...labelled, ...compact({ cost }) }, where: 'the passphrase' }
    }
    case 'recovery': {
      const bytes = newKey(randomBytes)
      const slot = { type, given: { form: 'bytes', bytes }, ...labelled } as const
      return { slot, where: 'the recovery code', code: recoveryCode(bytes) }
    }
    case 'keychain': {
      const bytes = newKey(randomBytes)
      const entry = await systemKeychain()
      if (entry === undefined) throw noKeychain()
      entry.setPassword(keyText(bytes))
      return { slot: { type, given: { form: 'bytes', bytes }, ...labelled }, where: 'the keychain' }
    }
    case 'key-file': {
      if (newKeyFile === undefined) {
        throw new CommandFailure('A new key file needs a place.', {
          code: EXIT.usage,
          next: 'For example: --new-key-file ~/.config/patchbay/vault-2.key',
        })
      }
      const path = resolve(terminal.cwd, newKeyFile)
      const { given, where } = await makeKeyFile(path, { random: randomBytes, outside: dataDir })
      return { slot: { type, given, ...labelled }, where }
    }
  }
}

interface Told {
  readonly id: string
  readonly made: Made
}

function tell(terminal: Terminal, options: SlotOptions, { id, made }: Told): void {
  const { where, code } = made
  if (options.json === true) {
    return printJson(terminal, compact({ id, key: where, recovery_code: code }))
  }
  print(terminal, `Slot ${id} opens the vault with ${where}.`)
  if (code !== undefined) print(terminal, `The code, shown only now:\n  ${code}`)
}

function noKeychain(): CommandFailure {
  return new CommandFailure('This system has no keychain that Patchbay can use.', {
    code: EXIT.usage,
    next: 'Install the package for it beside Patchbay: npm install @napi-rs/keyring',
  })
}
