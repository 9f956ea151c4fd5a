// The command tree, and the one place where a command's end becomes an exit code.
import { Command, CommanderError } from 'commander'
import { compact } from '../canonical/compact.ts'
import { auditCommand } from './commands/audit.ts'
import { chatCommand } from './commands/chat.ts'
import { configCommand } from './commands/config.ts'
import { doctorCommand } from './commands/doctor.ts'
import { explainCommand } from './commands/explain.ts'
import { healthCommand } from './commands/health.ts'
import { initCommand } from './commands/init.ts'
import { keysCommand } from './commands/keys.ts'
import { modelsCommand } from './commands/models.ts'
import { pricesCommand } from './commands/prices.ts'
import { providersCommand } from './commands/providers.ts'
import { reloadCommand } from './commands/reload.ts'
import { budgetsCommand } from './commands/budgets.ts'
import { routesCommand } from './commands/routes.ts'
import { secretCommand } from './commands/secret.ts'
import { serveCommand } from './commands/serve.ts'
import { teamsCommand } from './commands/teams.ts'
import { usageCommand } from './commands/usage.ts'
import { vaultCommand } from './commands/vault.ts'
import { versionCommand } from './commands/version.ts'
import { type CommandFailure, EXIT, toFailure } from './exit.ts'
import { type Terminal, printJson, processTerminal, say } from './terminal.ts'
import { packageVersion } from './version.ts'

/** Runs one command line and returns the exit code; never throws. */
export async function main(
  argv: readonly string[] = process.argv.slice(2),
  terminal: Terminal = processTerminal(),
): Promise<number> {
  const json = argv.includes('--json')
  // A reader that leaves early (`| head`) is no failure; it may show only when this function has returned.
  terminal.stdout.on('error', ignoreClosedPipe)
  try {
    await program(terminal).parseAsync(argv, { from: 'user' })
    return EXIT.ok
  } catch (thrown) {
    if (thrown instanceof CommanderError) {
      if (thrown.exitCode === 0) return EXIT.ok
      // Commander has said it on stderr already.
      if (json) printJson(terminal, { error: { message: thrown.message, exit_code: EXIT.usage } })
      return EXIT.usage
    }
    const failure = toFailure(thrown)
    tell(terminal, failure)
    if (json && !failure.reported) printFailure(terminal, failure)
    return failure.code
  }
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}

function program(terminal: Terminal): Command {
  const root = new Command('patchbay')
    .description('Any client of any LLM protocol, any provider.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
    })
    .addHelpText('after', '\nStart here:\n  patchbay serve\n  patchbay chat "Hello"\n')
  const commands = [
    serveCommand(terminal),
    initCommand(terminal),
    vaultCommand(terminal),
    secretCommand(terminal),
    reloadCommand(terminal),
    chatCommand(terminal),
    explainCommand(terminal),
    providersCommand(terminal),
    routesCommand(terminal),
    budgetsCommand(terminal),
    modelsCommand(terminal),
    pricesCommand(terminal),
    usageCommand(terminal),
    keysCommand(terminal),
    teamsCommand(terminal),
    auditCommand(terminal),
    configCommand(terminal),
    healthCommand(terminal),
    doctorCommand(terminal),
    versionCommand(terminal),
  ]
  for (const command of commands) root.addCommand(inherit(command, root))
  return root
}

// addCommand, unlike command(), does not hand the parent's settings down.
function inherit(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent)
  for (const child of command.commands) inherit(child, command)
  return command
}

function tell(terminal: Terminal, { message, next }: CommandFailure): void {
  say(terminal, `patchbay: ${message}`)
  if (next !== undefined) say(terminal, `  ${next}`)
}

function printFailure(terminal: Terminal, { message, next, code }: CommandFailure): void {
  printJson(terminal, { error: compact({ message, next, exit_code: code }) })
}
