// Copies of the source with a defence taken away, each in a folder of its own that runs as the project does.
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Replacement } from './attack.ts'

export const ROOT: string = join(import.meta.dirname, '..', '..')

export interface Tree {
  readonly root: string
  remove(): void
}

/** The project as it is. */
export const realTree: Tree = { root: ROOT, remove: () => undefined }

/** What a run or a test reads besides what is linked. */
const COPIED = ['src', 'bin', 'package.json', 'tsconfig.json', 'patchbay.schema.json']

/** Throws unless each text stands exactly once in its file: a weakening that finds nothing would prove nothing. */
export function weakenedTree(replacements: readonly Replacement[]): Tree {
  const root = mkdtempSync(join(tmpdir(), 'patchbay-weakened-'))
  const remove = (): void => rmSync(root, { recursive: true, force: true })
  try {
    for (const path of COPIED) {
      cpSync(join(ROOT, path), join(root, path), { recursive: true, filter: runs })
    }
    for (const path of ['node_modules', 'docs']) symlinkSync(join(ROOT, path), join(root, path))
    for (const replacement of replacements) apply(root, replacement)
    return { root, remove }
  } catch (error) {
    remove()
    throw error
  }
}

/** Whether a file of the source is read when it runs. */
function runs(path: string): boolean {
  return !/\.(?:test|contract|arbitrary)\.ts$|fixtures$/.test(path)
}

function apply(root: string, { file, find, put }: Replacement): void {
  const path = join(root, file)
  const parts = readFileSync(path, 'utf8').split(find)
  if (parts.length !== 2) {
    throw new Error(`${file} holds ${parts.length - 1} times what is to be replaced once: ${find}`)
  }
  writeFileSync(path, parts.join(put))
}
