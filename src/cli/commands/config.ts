// patchbay config show: the configuration that a running Patchbay has in force, and where each setting comes from.
import { Command } from 'commander'
import { ObjectReader } from '../../wire/json.ts'
import { Connection } from '../connection.ts'
import { type SharedOptions, withServer } from '../options.ts'
import { type Terminal, print, printJson, table } from '../terminal.ts'

export function configCommand(terminal: Terminal): Command {
  const group = new Command('config').description('the configuration of a running Patchbay')
  group.addCommand(
    withServer(new Command('show'))
      .description('show what is in force, and where each setting comes from')
      .action((options: SharedOptions) => show(terminal, options)),
  )
  return group
}

async function show(terminal: Terminal, options: SharedOptions): Promise<void> {
  const connection = await Connection.open(terminal, options, 'admin')
  const answer = await connection.json({ method: 'GET', path: '/api/admin/config' })
  if (options.json === true) return printJson(terminal, answer)
  const report = ObjectReader.of(answer, '')
  const rows = report.items('settings').map(({ value, path }) => {
    const setting = ObjectReader.of(value, path)
    const text = JSON.stringify(setting.value('value'))
    return [setting.string('name'), text, setting.string('source')]
  })
  print(terminal, `File: ${report.optionalString('file') ?? 'none'}`)
  print(terminal, table([['SETTING', 'VALUE', 'SOURCE'], ...rows]))
  const waiting = report
    .items('waiting')
    .flatMap(({ value }) => (typeof value === 'string' ? [value] : []))
  if (waiting.length > 0) print(terminal, `After a restart only: ${waiting.join(', ')}.`)
}
