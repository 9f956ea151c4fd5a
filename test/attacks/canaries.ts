// Secrets that no other text holds, and the finder of what is left of them wherever something is written.
import assert from 'node:assert/strict'

/** Where each secret of a build under attack is put in. None looks like a key that a rule could know by its shape alone. */
export const CANARIES = {
  /** In the environment, named by the configuration. */
  keyByEnvironment: 'sk-cnry-env-9f2c71ab44d0e85f6b13',
  /** In the configuration file, in clear. */
  keyInFile: 'sk-cnry-file-3b8e05c4f7a96d12e0b7',
  /** Registered over the API. */
  keyByApi: 'sk-cnry-api-c47d1f90a2be63580d4c',
  /** In what a client asks. */
  prompt: 'cnry-prompt-5e61d0b78f3a92c4',
  /** In what a model answers. */
  answer: 'cnry-answer-a83bd6f20c1e7594',
} as const

/** The forms in which a secret could be written somewhere. */
function formsOf(secret: string): readonly (readonly [string, string])[] {
  const bytes = Buffer.from(secret)
  const base64 = [0, 1, 2].map((shift) => {
    // Within longer text the letters depend on where it begins; those at its ends depend on what is beside it.
    const text = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    return text.slice(shift === 0 ? 0 : shift + 1, -2)
  })
  return [
    ['in clear', secret],
    ['in hex', bytes.toString('hex')],
    ...base64.map((text) => ['in base64', text] as const),
    ...base64.map(
      (text) => ['in base64url', text.replaceAll('+', '-').replaceAll('/', '_')] as const,
    ),
    ['for URLs', encodeURIComponent(secret)],
    ['in JSON', JSON.stringify(secret).slice(1, -1)],
    ['in UTF-16', Buffer.from(secret, 'utf16le').toString('latin1')],
  ]
}

/** Which of the secrets stands in a text, how, and after what; undefined when none does. Bytes are given as latin1. */
function found(text: string, secrets: readonly string[]): string | undefined {
  const lower = text.toLowerCase()
  for (const secret of secrets) {
    for (const [how, form] of formsOf(secret)) {
      const at = (how === 'in hex' ? lower : text).indexOf(form)
      if (at === -1) continue
      return `${secret.slice(0, 12)}… ${how}, behind: ${text.slice(Math.max(0, at - 200), at)}`
    }
  }
  return undefined
}

/** Throws an AssertionError that names the place and the secret's beginning. */
export function assertAbsent(place: string, text: string, secrets: readonly string[]): void {
  const leak = found(text, secrets)
  assert.ok(leak === undefined, `${place} holds ${leak}`)
}
