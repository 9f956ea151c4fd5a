// patchbay vault backup and restore: the whole vault in one sealed file, and back.
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Command } from 'commander'
import { compact } from '../../canonical/compact.ts'
import { keyJson, slotJson } from '../../server/vault/desk-words.ts'
import { ageRecipient } from '../../vault/age-key.ts'
import { writeThrough } from '../../vault/disk-file.ts'
import { keyText } from '../../vault/key-text.ts'
import { CommandFailure, EXIT } from '../exit.ts'
import { type Terminal, print, printJson } from '../terminal.ts'
import { type DeskOptions, keysFor, withDesk, withOpenDesk } from './desk.ts'
import { withVault } from './options.ts'
import { statusText } from './status-text.ts'
import { newPassphrase } from './typed-key.ts'

interface BackupOptions extends DeskOptions {
  readonly to?: readonly string[]
  readonly passphrase?: true
}

export function backupCommand(terminal: Terminal): Command {
  return withVault(new Command('backup'))
    .description('write the whole vault into one file, sealed')
    .argument('<file>', 'a new file')
    .option('--to <recipients...>', 'for these age recipients alone (age1...)')
    .option('--passphrase', 'for a passphrase alone')
    .action((file: string, options: BackupOptions) => backup(terminal, file, options))
}

export function restoreCommand(terminal: Terminal): Command {
  return withVault(new Command('restore'))
    .description('put what a backup holds in the place of what is here')
    .argument('<file>', 'a backup, or an older vault.pbv')
    .option('--accept-rollback', 'although it is older than what is here')
    .action((file: string, options: DeskOptions) => restore(terminal, file, options))
}

async function backup(terminal: Terminal, file: string, options: BackupOptions): Promise<void> {
  const ageKeys = (options.to ?? []).map((text) => recipient(text))
  await withOpenDesk(terminal, options, async (desk) => {
    const cost = desk.config.vault?.passphrase
    const slots =
      options.passphrase === true
        ? [
            slotJson({
              type: 'passphrase',
              given: { form: 'passphrase', passphrase: await newPassphrase(terminal) },
              ...compact({ cost }),
            }),
          ]
        : []
    const saved = await desk.ask('backup', { slots, age_keys: ageKeys })
    const path = resolve(terminal.cwd, file)
    await writeNew(path, saved.string('vault'))
    if (options.json === true) return printJson(terminal, { backup: path })
    const whose =
      slots.length + ageKeys.length === 0 ? 'the keys of the vault' : 'the keys you named'
    print(terminal, `Wrote ${path}. It opens with ${whose} alone.`)
  })
}

async function restore(terminal: Terminal, file: string, options: DeskOptions): Promise<void> {
  const path = resolve(terminal.cwd, file)
  const vault = await contentOf(path)
  await withDesk(terminal, options, async (desk) => {
    const keys = (await keysFor(terminal, desk.config, options)).map(keyJson)
    const status = await desk.ask('restore', {
      vault,
      keys,
      ...compact({ accept_rollback: options.acceptRollback }),
    })
    if (options.json === true) return printJson(terminal, status.source)
    print(terminal, `Restored ${path}: ${statusText(status)}.`)
  })
}

function recipient(text: string): string {
  const key = ageRecipient(text)
  if (key !== undefined) return keyText(key)
  throw new CommandFailure(`"${text}" is no age recipient.`, {
    code: EXIT.usage,
    next: 'It begins with age1, and age-keygen shows it.',
  })
}

/** Never over another file. */
async function writeNew(path: string, text: string): Promise<void> {
  try {
    await writeThrough(path, text)
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason'
    throw new CommandFailure(`${path} cannot be written (${code}).`, {
      code: EXIT.failure,
      next: 'Name a file that is not there yet, in a folder of yours.',
      cause,
    })
  }
}

async function contentOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new CommandFailure(`${path} cannot be read.`, { code: EXIT.failure, cause })
  }
}
