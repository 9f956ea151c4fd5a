// The version of this package, as its package.json says.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { isObject, parseJson } from '../wire/json.ts'

export function packageVersion(): string {
  const path = createRequire(import.meta.url).resolve('patchbay/package.json')
  const manifest = parseJson(readFileSync(path, 'utf8'))
  const version = isObject(manifest) ? manifest['version'] : undefined
  return typeof version === 'string' ? version : '0.0.0'
}
