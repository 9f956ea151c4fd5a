// The command tree, and the one place where a command's end becomes an exit code.
import { Command, CommanderError } from 'commander'
import { compact } from '../canonical/compact.ts'
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
    const asked = await program(terminal, argv)
    await asked.parseAsync(argv, { from: 'user' })
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

/** Each is loaded when it is asked for. In the order of the help, which shows them all. */
const COMMANDS: Readonly<Record<string, () => Promise<(terminal: Terminal) => Command>>> = {
  serve: async () => (await import('./commands/serve.ts')).serveCommand,
  init: async () => (await import('./commands/init.ts')).initCommand,
  vault: async () => (await import('./commands/vault.ts')).vaultCommand,
  secret: async () => (await import('./commands/secret.ts')).secretCommand,
  reload: async () => (await import('./commands/reload.ts')).reloadCommand,
  chat: async () => (await import('./commands/chat.ts')).chatCommand,
  explain: async () => (await import('./commands/explain.ts')).explainCommand,
  providers: async () => (await import('./commands/providers.ts')).providersCommand,
  routes: async () => (await import('./commands/routes.ts')).routesCommand,
  budgets: async () => (await import('./commands/budgets.ts')).budgetsCommand,
  models: async () => (await import('./commands/models.ts')).modelsCommand,
  prices: async () => (await import('./commands/prices.ts')).pricesCommand,
  usage: async () => (await import('./commands/usage.ts')).usageCommand,
  keys: async () => (await import('./commands/keys.ts')).keysCommand,
  teams: async () => (await import('./commands/teams.ts')).teamsCommand,
  audit: async () => (await import('./commands/audit.ts')).auditCommand,
  config: async () => (await import('./commands/config.ts')).configCommand,
  health: async () => (await import('./commands/health.ts')).healthCommand,
  doctor: async () => (await import('./commands/doctor.ts')).doctorCommand,
  store: async () => (await import('./commands/store.ts')).storeCommand,
  version: async () => (await import('./commands/version.ts')).versionCommand,
}

async function program(terminal: Terminal, argv: readonly string[]): Promise<Command> {
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
  const [first = ''] = argv
  const names = Object.hasOwn(COMMANDS, first) ? [first] : Object.keys(COMMANDS)
  for (const name of names) {
    const command = await COMMANDS[name]?.()
    if (command !== undefined) root.addCommand(inherit(command(terminal), root))
  }
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
