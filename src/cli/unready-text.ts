// What is said of a provider that was added and cannot be asked yet.
import { type Json, isObject } from '../wire/json.ts'

/** Of an entry as the REST API gives it; undefined where nothing is missing. */
export function unreadyText(name: string, entry: Json | undefined): string | undefined {
  if (!isObject(entry) || entry['enabled'] !== false) return undefined
  if (entry['has_key'] === true) return 'It is disabled. See why: patchbay health'
  return (
    `It is disabled, as it has no key. Remove it (patchbay providers remove ${name}), ` +
    'then add it again with --key-env NAME or --key-stdin.'
  )
}
