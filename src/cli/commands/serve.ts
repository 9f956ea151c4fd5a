// patchbay serve: starts the server, says how to use it, and stops it gently.
import { Command, InvalidArgumentError, Option } from 'commander'
import { withConfig, withJson } from '../options.ts'
import { LOG_FORMATS } from '../serve/log-line.ts'
import type { ServeOptions } from '../serve/serve-options.ts'
import type { Terminal } from '../terminal.ts'

export function serveCommand(terminal: Terminal): Command {
  return withJson(withConfig(new Command('serve')))
    .description('start the server')
    .option('--host <address>', 'the address to listen on (default: 127.0.0.1)')
    .option('--port <number>', 'the port to listen on; 0 takes a free one (default: 8787)', portOf)
    .option(
      '--workers <number>',
      'processes that answer; auto: one for each core (default: 1)',
      workersOf,
    )
    .option('--open', 'on loopback: chat needs no key, for cloud providers too')
    .option('--vault-key-file <file>', 'the file with the key of the vault')
    .option('--vault-stdin', 'the key or passphrase of the vault is on stdin')
    .option('--no-detect', 'use only what is configured')
    .option('--no-fetch', 'do not fetch the embedded model at the start, but at its first use')
    .option('--quiet', 'print only the address, and the keys when they are new')
    .addOption(
      new Option('--log <format>', 'the log of requests on stderr')
        .choices(LOG_FORMATS)
        .default('text'),
    )
    .action(async (options: ServeOptions) => {
      // The whole server, which no other command needs.
      const { begin } = await import('../serve/begin.ts')
      await begin(terminal, options)
    })
}

function workersOf(text: string): 'auto' | number {
  if (text === 'auto') return text
  const count = Number(text)
  if (/^\d+$/.test(text) && count >= 1 && count <= 256) return count
  throw new InvalidArgumentError('It must be a whole number from 1 to 256, or auto.')
}

function portOf(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new InvalidArgumentError('It must be a whole number from 0 to 65535.')
}
