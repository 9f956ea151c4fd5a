// Where a plugin's package is looked for: beside the configuration first, as its owner would install it.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** Gives a module's URL; a name that is not found there stays as it is, and is looked for where Patchbay itself is. */
export function packageResolver(baseDir: string): (name: string) => string {
  const { resolve } = createRequire(join(baseDir, 'patchbay.yaml'))
  return (name) => {
    try {
      return pathToFileURL(resolve(name)).href
    } catch {
      return name
    }
  }
}
