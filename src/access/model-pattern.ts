// Which models a key names: `provider/model`, with `*` at the end for any rest. One spelling is compared, that of the target itself.
import { type Target, targetName } from '../exchange/target.ts'

export const MODEL_PATTERN: RegExp = /^(?:\*|[^\s/*]+\/(?:\*|[^\s*]+\*?))$/

export function matchesModel(patterns: readonly string[], { provider, model }: Target): boolean {
  const name = targetName({ provider, model })
  return patterns.some((pattern) => matchesPattern(pattern, name))
}

function matchesPattern(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern
}

/** Whether whatever the first pattern means, the second means too. */
export function isCovered(pattern: string, by: string): boolean {
  if (!by.endsWith('*')) return pattern === by
  return pattern.replace(/\*$/, '').startsWith(by.slice(0, -1))
}
