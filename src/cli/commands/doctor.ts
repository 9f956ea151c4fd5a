// patchbay doctor: looks at everything that can be wrong on this machine, and says how to put it right.
import { Command } from 'commander'
import type { Finding } from '../doctor/check.ts'
import { CommandFailure, EXIT } from '../exit.ts'
import { type SharedOptions, withConfig, withJson } from '../options.ts'
import { type Terminal, print, printJson } from '../terminal.ts'

const MARKS: Readonly<Record<Finding['state'], string>> = {
  ok: 'ok  ',
  warn: 'warn',
  fail: 'FAIL',
}

export function doctorCommand(terminal: Terminal): Command {
  return withJson(withConfig(new Command('doctor')))
    .description('look for what is wrong on this machine, and say how to put it right')
    .action((options: SharedOptions) => doctor(terminal, options))
}

async function doctor(terminal: Terminal, options: SharedOptions): Promise<void> {
  const { examine } = await import('../doctor/examine.ts')
  const findings = await examine(terminal, options)
  const failed = findings.filter((finding) => finding.state === 'fail')
  if (options.json === true) {
    const checks = findings.map((finding) => ({ ...finding }))
    printJson(terminal, { ok: failed.length === 0, checks })
  } else print(terminal, findings.map((finding) => line(finding)).join('\n'))
  if (failed.length === 0) return
  const wrongConfig = failed.some((finding) => finding.check === 'configuration')
  throw new CommandFailure(`${failed.length} of ${findings.length} checks failed.`, {
    code: wrongConfig ? EXIT.config : EXIT.failure,
    reported: true,
  })
}

function line({ check, state, detail, fix }: Finding): string {
  const first = `${MARKS[state]}  ${check}: ${detail}`
  return fix === undefined ? first : `${first}\n      -> ${fix}`
}
