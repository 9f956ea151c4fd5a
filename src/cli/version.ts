// The version of this package, as its package.json says.
import { readFileSync } from 'node:fs'
import { isObject, parseJson } from '../wire/json.ts'

export function packageVersion(): string {
  const path = new URL('../../package.json', import.meta.url)
  const manifest = parseJson(readFileSync(path, 'utf8'))
  const version = isObject(manifest) ? manifest['version'] : undefined
  return typeof version === 'string' ? version : '0.0.0'
}
