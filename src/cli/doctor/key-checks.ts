// Whether providers take the keys that they were given, found out by calls that cost nothing.
import { openManager } from '../library.ts'
import { toFailure } from '../exit.ts'
import type { SharedOptions } from '../options.ts'
import type { Terminal } from '../terminal.ts'
import { type Finding, ok, warn } from './check.ts'

interface Checked {
  /** `openai#k1` */
  readonly name: string
  readonly key: 'ok' | 'invalid' | 'unknown'
  readonly reason: string
}

/** Undefined where no provider has a key. */
export async function checkKeys(
  terminal: Terminal,
  options: SharedOptions,
): Promise<Finding | undefined> {
  try {
    const { manager, close } = await openManager(terminal, options)
    try {
      const keys = manager.listProviders().flatMap((provider) => {
        const labels = provider.enabled ? (provider.credentials?.labels ?? []) : []
        return labels.map((label) => ({ provider, label }))
      })
      const checked = await Promise.all(
        keys.map(async ({ provider, label }): Promise<Checked> => {
          const { key = 'unknown', reason = '' } = await provider.checkCredential(label)
          return { name: `${provider.name}#${label}`, key, reason }
        }),
      )
      return checked.length === 0 ? undefined : findingOf(checked)
    } finally {
      await close()
    }
  } catch (thrown) {
    const { message, next = 'See docs/providers.md' } = toFailure(thrown)
    return warn('keys', message, next)
  }
}

function findingOf(checked: readonly Checked[]): Finding {
  const named = (standing: Checked['key']): string =>
    checked
      .filter(({ key }) => key === standing)
      .map(({ name }) => name)
      .join(', ')
  const refused = checked.filter(({ key }) => key === 'invalid')
  const unknown = named('unknown')
  const rest = unknown === '' ? '' : `; could not be checked: ${unknown}`
  if (refused.length === 0) {
    const taken = named('ok')
    return ok('keys', `${taken === '' ? 'none is known to be taken' : `${taken} taken`}${rest}`)
  }
  return warn(
    'keys',
    `refused: ${refused.map(({ name, reason }) => `${name} (${reason})`).join(', ')}${rest}`,
    'Correct the key in patchbay.yaml or in the environment variable that holds it.',
  )
}
