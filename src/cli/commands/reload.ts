// patchbay reload: a running Patchbay reads its configuration anew.
import { Command } from 'commander'
import { ObjectReader } from '../../wire/json.ts'
import { Connection } from '../connection.ts'
import { type SharedOptions, withServer } from '../options.ts'
import { type Terminal, print, printJson } from '../terminal.ts'

export function reloadCommand(terminal: Terminal): Command {
  return withServer(new Command('reload'))
    .description('have the running Patchbay read its configuration anew')
    .action((options: SharedOptions) => reload(terminal, options))
}

async function reload(terminal: Terminal, options: SharedOptions): Promise<void> {
  const connection = await Connection.open(terminal, options, 'admin')
  const answer = await connection.json({ method: 'POST', path: '/api/config/reload' })
  if (options.json === true) return printJson(terminal, answer)
  const report = ObjectReader.of(answer, '')
  const changed = namesIn(report, 'changed')
  const restart = namesIn(report, 'restart')
  const what = changed.length === 0 ? 'nothing has changed' : changed.join(', ')
  print(terminal, `In force (generation ${report.number('generation')}): ${what}.`)
  if (restart.length > 0) print(terminal, `After a restart only: ${restart.join(', ')}.`)
}

function namesIn(report: ObjectReader, key: string): readonly string[] {
  return report.items(key).flatMap(({ value }) => (typeof value === 'string' ? [value] : []))
}
