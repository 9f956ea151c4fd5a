// A key of the vault as a person gives it to a command: piped in, or typed at the terminal; never as an argument.
import type { GivenKey } from '../../vault/given-key.ts'
import { ageIdentity } from '../../vault/age-key.ts'
import { keyFromRecoveryCode, keyFromText } from '../../vault/key-text.ts'
import { Secret } from '../../vault/secret.ts'
import { CommandFailure, EXIT } from '../exit.ts'
import { hiddenLine } from '../hidden-line.ts'
import { type Terminal, pipedText } from '../terminal.ts'

/** A recovery code, a key as text and an age identity are known by their form; all else is a passphrase. */
function givenFrom(text: string): GivenKey {
  const identity = ageIdentity(text)
  if (identity !== undefined) return { form: 'age', identity }
  const bytes = keyFromRecoveryCode(text) ?? keyFromText(text)
  if (bytes !== undefined) return { form: 'bytes', bytes }
  return { form: 'passphrase', passphrase: new Secret(text) }
}

/** Undefined where there is nobody to ask. */
export async function askedKey(
  terminal: Terminal,
  question: string,
): Promise<GivenKey | undefined> {
  if (terminal.stdin.isTTY !== true) return undefined
  const line = await hiddenLine(terminal, question)
  return line === undefined || line === '' ? undefined : givenFrom(line)
}

/** Of stdin: all of it is the key. */
export async function pipedKey(terminal: Terminal): Promise<GivenKey> {
  const text = await pipedText(terminal)
  if (text !== undefined) return givenFrom(text)
  throw new CommandFailure('No key came in on stdin.', {
    code: EXIT.usage,
    next: 'For example: pass show patchbay | patchbay vault unlock --stdin',
  })
}

const SHORTEST = 12

/** Twice, so that it is what was meant; piped in, once. */
export async function newPassphrase(terminal: Terminal): Promise<Secret> {
  const isPerson = terminal.stdin.isTTY === true
  const first = isPerson
    ? await hiddenLine(terminal, 'New passphrase: ')
    : await pipedText(terminal)
  if (first === undefined || first.length < SHORTEST) {
    throw new CommandFailure(`A passphrase needs at least ${SHORTEST} characters.`, {
      code: EXIT.usage,
      next: 'Type it at a terminal, or pipe it in: pass show patchbay | patchbay vault slot add --type passphrase',
    })
  }
  if (isPerson && (await hiddenLine(terminal, 'Again: ')) !== first) {
    throw new CommandFailure('The two are not the same.', { code: EXIT.usage })
  }
  return new Secret(first)
}
