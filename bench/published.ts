// Patchbay as users run it: built as it is published, beside the dependencies of this checkout.
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './processes.ts'

const ROOT = join(import.meta.dirname, '..')

export interface Published {
  /** What Node is to start. */
  readonly program: string
  readonly remove: () => void
}

export async function published(): Promise<Published> {
  const folder = mkdtempSync(join(tmpdir(), 'patchbay-bench-published-'))
  const own = join(folder, 'patchbay')
  mkdirSync(own)
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  for (const name of ['bin', 'package.json', 'patchbay.schema.json']) {
    cpSync(join(ROOT, name), join(own, name), { recursive: true })
  }
  const args = [join(ROOT, 'packaging', 'build.ts'), join(own, 'dist')]
  await run('load', { program: process.execPath, args })
  return {
    program: join(own, 'bin', 'patchbay.js'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
