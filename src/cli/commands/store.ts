// patchbay store status|check|backup: looks after the database of this configuration, whether Patchbay runs or not.
import { resolve } from 'node:path'
import { Command } from 'commander'
import { compact } from '../../canonical/compact.ts'
import { loadConfig } from '../../config/load.ts'
import { databaseFile } from '../../server/open-store.ts'
import { type Inspection, inspect } from '../../store/inspect.ts'
import { SqliteConnection } from '../../store/sqlite/sqlite-connection.ts'
import { backUp, findings, sizesOf } from '../../store/sqlite/upkeep.ts'
import { CommandFailure, EXIT } from '../exit.ts'
import { type SharedOptions, withConfig, withJson } from '../options.ts'
import { type Terminal, print, printJson } from '../terminal.ts'

export function storeCommand(terminal: Terminal): Command {
  const group = new Command('store').description('look after the database')
  group.addCommand(
    plain('status')
      .description('say where it is and what is in it')
      .action((options: SharedOptions) => status(terminal, options)),
  )
  group.addCommand(
    plain('check')
      .description('read its file through, all of it')
      .action((options: SharedOptions) => check(terminal, options)),
  )
  group.addCommand(
    plain('backup')
      .description('copy its file, while Patchbay goes on')
      .requiredOption('--to <file>', 'a file that is not there yet')
      .action((options: BackupOptions) => backup(terminal, options)),
  )
  return group
}

interface BackupOptions extends SharedOptions {
  readonly to: string
}

function plain(name: string): Command {
  return withJson(withConfig(new Command(name)))
}

/** The file, or the URL of a PostgreSQL. */
type Place = { readonly file: string } | { readonly url: string }

async function placeOf({ env, cwd }: Terminal, options: SharedOptions): Promise<Place> {
  const config = await loadConfig({ env, cwd, ...compact({ file: options.config }) })
  const url = config.store?.url?.reveal()
  if (url === undefined) return { file: databaseFile(config) }
  if (url !== 'memory:') return { url }
  throw new CommandFailure('store.url is memory: there is nothing to look after.', {
    code: EXIT.usage,
  })
}

async function fileOf(
  terminal: Terminal,
  options: SharedOptions,
  instead: string,
): Promise<string> {
  const place = await placeOf(terminal, options)
  if ('url' in place) {
    throw new CommandFailure(
      `The database is a PostgreSQL, which has a program for this: ${instead}`,
      {
        code: EXIT.usage,
        next: 'See docs/store.md#backup',
      },
    )
  }
  if (sizesOf(place.file) === undefined) throw missing(place.file)
  return place.file
}

function missing(file: string): CommandFailure {
  return new CommandFailure(`There is no database yet: ${file} is not there.`, {
    code: EXIT.failure,
    next: 'It comes to be with the first: patchbay serve',
  })
}

async function status(terminal: Terminal, options: SharedOptions): Promise<void> {
  const place = await placeOf(terminal, options)
  const { where, ...more } = 'url' in place ? await ofPostgres(place.url) : ofFile(place.file)
  const { version, newest, documents } = more.inspection
  if (options.json === true) {
    const kinds = Object.fromEntries(documents.map(({ kind, count }) => [kind, count]))
    return printJson(terminal, { database: where, version, newest, documents: kinds })
  }
  print(terminal, `database   ${where}`)
  print(terminal, `tables     version ${version}, this Patchbay has ${newest}`)
  const kinds = documents.map(({ kind, count }) => `${kind} ${count}`).join(', ')
  print(terminal, `documents  ${kinds === '' ? 'none' : kinds}`)
}

interface Status {
  readonly where: string
  readonly inspection: Inspection
}

function ofFile(file: string): Status {
  const sizes = sizesOf(file)
  if (sizes === undefined) throw missing(file)
  const connection = SqliteConnection.toRead(file)
  try {
    const { bytes, logBytes } = sizes
    const where = `${file}, ${bytes} bytes, ${logBytes} more in its log`
    return { where, inspection: connection.run(inspect, undefined) }
  } finally {
    connection.close()
  }
}

async function ofPostgres(url: string): Promise<Status> {
  const { PostgresDatabase } = await import('../../store/postgres/postgres-database.ts')
  const database = PostgresDatabase.toInspect({ url, now: Date.now() })
  try {
    return { where: database.where, inspection: await database.run(inspect, undefined) }
  } finally {
    await database.close()
  }
}

async function check(terminal: Terminal, options: SharedOptions): Promise<void> {
  const file = await fileOf(terminal, options, 'pg_amcheck')
  const wrong = findings(file)
  if (options.json === true)
    printJson(terminal, { database: file, sound: wrong.length === 0, findings: [...wrong] })
  else for (const line of wrong) print(terminal, line)
  if (wrong.length > 0) {
    throw new CommandFailure(`${file} is damaged.`, {
      code: EXIT.data,
      next: 'Put a backup in its place: docs/store.md#backup',
      ...(options.json === true ? { reported: true } : {}),
    })
  }
  if (options.json !== true) print(terminal, `${file} is sound.`)
}

async function backup(terminal: Terminal, options: BackupOptions): Promise<void> {
  const file = await fileOf(terminal, options, 'pg_dump')
  const to = resolve(terminal.cwd, options.to)
  const bytes = backUp(file, to)
  if (options.json === true) printJson(terminal, { database: file, to, bytes })
  else
    print(
      terminal,
      `${to} is a copy of ${file}, ${bytes} bytes. Nobody else can read it: it holds what the database holds.`,
    )
}
