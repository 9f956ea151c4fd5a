// A provider's key as a command gets it: from a variable or from stdin, never as an argument, and sent only where nobody can read it.
import { isLoopbackHost } from '../config/schema.ts'
import { CommandFailure, EXIT } from './exit.ts'
import { type Terminal, pipedText } from './terminal.ts'

export interface KeyOptions {
  readonly keyEnv?: string
  readonly keyStdin?: true
  /** Not taken. */
  readonly key?: string
  readonly apiKey?: string
  /** Whether it is to be written into the configuration file. */
  readonly save?: true
}

/** Everyone on the machine can read the arguments of a command, and the shell remembers them. */
export function refuseKeyArgument(options: KeyOptions): void {
  if (options.key === undefined && options.apiKey === undefined) return
  throw new CommandFailure(
    'A key is not taken as an argument: other users of this machine can see it there, and the shell keeps it.',
    {
      code: EXIT.usage,
      next: 'Use --key-env NAME with the key in that environment variable, or pipe it in with --key-stdin. The key you typed is in the history of your shell now; consider replacing it.',
    },
  )
}

export async function keyOf(terminal: Terminal, options: KeyOptions): Promise<string | undefined> {
  const { keyEnv, keyStdin, save: saving } = options
  if (keyStdin === true) {
    if (keyEnv !== undefined || saving === true) {
      throw new CommandFailure(
        '--key-stdin goes with neither --key-env nor --save: the file holds the name of a variable, never a key.',
        {
          code: EXIT.usage,
          next: 'Put the key in an environment variable and use --key-env NAME.',
        },
      )
    }
    const key = await pipedText(terminal)
    if (key !== undefined) return key
    throw new CommandFailure('No key came in on stdin.', {
      code: EXIT.usage,
      next: 'For example: pass show openai | patchbay providers add openai --key-stdin',
    })
  }
  if (keyEnv === undefined) return undefined
  const key = terminal.env[keyEnv]
  if (key !== undefined && key !== '') return key
  throw new CommandFailure(`The environment variable ${keyEnv} is not set.`, {
    code: EXIT.usage,
    next: `Set it first: export ${keyEnv}=...`,
  })
}

/** A key goes to another machine only over TLS. */
export function assertPrivate(url: string): void {
  const { protocol, hostname } = new URL(url)
  if (protocol === 'https:' || isLoopbackHost(hostname)) return
  throw new CommandFailure(
    `The key is not sent to ${url}: without TLS, others on the way could read it.`,
    {
      code: EXIT.usage,
      next: 'Use an https:// address, or put the provider into the configuration file there.',
    },
  )
}
