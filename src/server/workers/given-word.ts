// A key of the vault on its way between processes of one server, over a channel that only they have.
import type { GivenKey } from '../../vault/given-key.ts'
import { Secret } from '../../vault/secret.ts'

export interface GivenWord {
  readonly form: GivenKey['form']
  /** The passphrase itself, else base64. */
  readonly text: string
}

export function wordOf(given: GivenKey): GivenWord {
  switch (given.form) {
    case 'bytes':
      return { form: 'bytes', text: given.bytes.toString('base64') }
    case 'passphrase':
      return { form: 'passphrase', text: given.passphrase.reveal() }
    case 'age':
      return { form: 'age', text: given.identity.toString('base64') }
  }
}

export function givenIn({ form, text }: GivenWord): GivenKey {
  switch (form) {
    case 'bytes':
      return { form, bytes: Buffer.from(text, 'base64') }
    case 'passphrase':
      return { form, passphrase: new Secret(text) }
    case 'age':
      return { form, identity: Buffer.from(text, 'base64') }
  }
}
