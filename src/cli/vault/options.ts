// The options that the commands about the vault share.
import type { Command } from 'commander'
import { withConfig, withJson } from '../options.ts'

/** For commands that may have to open it. */
export function withVault(command: Command): Command {
  return withJson(withConfig(command))
    .option('--vault-key-file <file>', 'the file with the key of the vault')
    .option('--stdin', 'the key, passphrase or recovery code is on stdin')
}
