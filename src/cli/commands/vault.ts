// patchbay vault: what its keeper does with the vault: opens and locks it, changes its keys, checks it, saves it and brings it back.
import { Command } from 'commander'
import type { ObjectReader } from '../../wire/json.ts'
import { type Terminal, print, printJson, table } from '../terminal.ts'
import { backupCommand, restoreCommand } from '../vault/backup.ts'
import { type DeskOptions, unlock, withDesk, withOpenDesk } from '../vault/desk.ts'
import { withVault } from '../vault/options.ts'
import { rotateKekCommand, slotCommand } from '../vault/slots.ts'
import { slotRows, statusText } from '../vault/status-text.ts'
import { CommandFailure, EXIT } from '../exit.ts'
import { withConfig, withJson } from '../options.ts'
import { initCommand } from './init.ts'

export function vaultCommand(terminal: Terminal): Command {
  const group = new Command('vault').description('the vault that keeps the keys of providers')
  group.addCommand(initCommand(terminal))
  group.addCommand(
    withJson(withConfig(new Command('status')))
      .description('whether it is open, and what is in it')
      .action((options: DeskOptions) =>
        withDesk(terminal, options, async (desk) =>
          show(terminal, options, await desk.ask('status')),
        ),
      ),
  )
  group.addCommand(
    withVault(new Command('unlock'))
      .description('open the vault of the running server')
      .option('--accept-rollback', 'although an older state was put in its place')
      .action((options: DeskOptions) => unlockIt(terminal, options)),
  )
  group.addCommand(
    withJson(withConfig(new Command('lock')))
      .description('seal the vault of the running server: it answers nobody until it is opened')
      .action((options: DeskOptions) =>
        withDesk(terminal, options, async (desk) =>
          show(terminal, options, await desk.ask('lock')),
        ),
      ),
  )
  group.addCommand(
    withVault(new Command('fsck'))
      .description('open every secret, and say which do not open')
      .action((options: DeskOptions) => check(terminal, options)),
  )
  group.addCommand(
    withVault(new Command('rotate-root'))
      .description('make a new root key, and seal every secret anew')
      .action((options: DeskOptions) => rotate(terminal, options)),
  )
  group.addCommand(rotateKekCommand(terminal))
  group.addCommand(slotCommand(terminal))
  group.addCommand(backupCommand(terminal))
  group.addCommand(restoreCommand(terminal))
  return group
}

async function unlockIt(terminal: Terminal, options: DeskOptions): Promise<void> {
  await withDesk(terminal, options, async (desk) => {
    const state = (await desk.ask('status')).string('state')
    // Without a server nobody keeps it open; to say that a state is accepted is something to do all the same.
    if (!desk.isServed && options.acceptRollback !== true) {
      throw new CommandFailure(
        'No server runs with this data folder, so there is nothing to open.',
        {
          code: EXIT.unavailable,
          next: 'Start it: patchbay serve. It opens the vault with the key that is there, or asks for it.',
        },
      )
    }
    const status =
      state === 'sealed' ? await unlock(terminal, desk, options) : await desk.ask('status')
    show(terminal, options, status)
  })
}

async function check(terminal: Terminal, options: DeskOptions): Promise<void> {
  await withOpenDesk(terminal, options, async (desk) => {
    const report = await desk.ask('check')
    const broken = report.optionalStrings('broken') ?? []
    const records = report.number('records')
    if (options.json === true) printJson(terminal, report.source)
    else if (broken.length === 0) print(terminal, `All ${records} secrets open.`)
    if (broken.length === 0) return
    throw new CommandFailure(`Of ${records} secrets do not open: ${broken.join(', ')}.`, {
      code: EXIT.data,
      next: 'Somebody has changed them. Add them again, or bring them back: patchbay vault restore <file>',
      ...(options.json === true ? { reported: true as const } : {}),
    })
  })
}

async function rotate(terminal: Terminal, options: DeskOptions): Promise<void> {
  await withOpenDesk(terminal, options, async (desk) => {
    const done = await desk.ask('rotate-root')
    if (options.json === true) return printJson(terminal, done.source)
    print(
      terminal,
      `The root key is of generation ${done.number('generation')} now; every slot opens it.`,
    )
  })
}

function show(terminal: Terminal, options: DeskOptions, status: ObjectReader): void {
  if (options.json === true) return printJson(terminal, status.source)
  print(terminal, statusText(status))
  const slots = status.items('slots')
  if (slots.length > 0) print(terminal, table(slotRows(status)))
}
