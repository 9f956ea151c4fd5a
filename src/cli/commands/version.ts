// patchbay version
import { Command } from 'commander'
import { withJson } from '../options.ts'
import { type Terminal, print, printJson } from '../terminal.ts'
import { packageVersion } from '../version.ts'

export function versionCommand(terminal: Terminal): Command {
  return withJson(new Command('version'))
    .description('print the versions of Patchbay and Node')
    .action((options: { readonly json?: true }) => {
      const patchbay = packageVersion()
      const node = process.versions.node
      if (options.json === true) printJson(terminal, { patchbay, node })
      else print(terminal, `patchbay ${patchbay} (Node ${node})`)
    })
}
