// The options that several commands share, spelled once.
import type { Command } from 'commander'
import type { ConnectionOptions } from './connection.ts'

export interface SharedOptions extends ConnectionOptions {
  readonly json?: true
}

export function withJson(command: Command): Command {
  return command.option('--json', 'print JSON on stdout; everything else goes to stderr')
}

export function withConfig(command: Command): Command {
  return command.option(
    '--config <file>',
    'the configuration file (default: $PATCHBAY_CONFIG, ./patchbay.yaml, then the one of the user)',
  )
}

/** For commands that talk to a running Patchbay with the admin token. */
export function withServer(command: Command): Command {
  return withJson(withConfig(command))
    .option('--url <url>', 'the running Patchbay (default: $PATCHBAY_URL, else the configuration)')
    .option('--token <token>', 'the admin token (default: $PATCHBAY_ADMIN_TOKEN)')
}
