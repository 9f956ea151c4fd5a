// The client libraries that tests run against Patchbay: installed from their own lockfile, once, and again only when it changes.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const FOLDER = import.meta.dirname
/** A copy of the lockfile that `node_modules` was last filled from, whole. */
const STAMP = join(FOLDER, 'node_modules', '.filled-from.json')

/** Before the checks of `npm test`, and before any run of Vitest. */
export function setup(): void {
  const wanted = readFileSync(join(FOLDER, 'package-lock.json'), 'utf8')
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return
  rmSync(STAMP, { force: true })
  process.stdout.write('The client libraries of the tests are installed in test/ (400 MB, once).\n')
  // None of them needs its install script.
  const { status, error } = spawnSync('npm ci --ignore-scripts --no-audit --no-fund', {
    cwd: FOLDER,
    stdio: 'inherit',
    shell: true,
  })
  if (status !== 0) {
    const why = error?.message ?? `npm ended with ${status}`
    throw new Error(
      `The client libraries of the tests could not be installed (${why}, see above). They come from the npm registry; ` +
        'mend what npm says, then try again: npm run clients',
    )
  }
  writeFileSync(STAMP, wanted)
}

if (import.meta.main) setup()
