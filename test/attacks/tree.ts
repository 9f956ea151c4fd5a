// Copies of the source with a defence taken away, each in a folder of its own that runs as the project does.
import {
  copyFileSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Replacement } from './attack.ts'

export const ROOT: string = join(import.meta.dirname, '..', '..')

export interface Tree {
  readonly root: string
  remove(): void
}

/** The project as it is. */
export const realTree: Tree = { root: ROOT, remove: () => undefined }

/** The source alone, as it runs, or with all its tests. */
export type Extent = 'source' | 'tests'

/** What a run or a test reads besides what stands whole in a link. */
const COPIED = ['src', 'bin', 'package.json', 'tsconfig.json', 'patchbay.schema.json']
const LINKED = ['node_modules', 'docs']

/** Throws unless each text stands exactly once in its file: a weakening that finds nothing would prove nothing. */
export function weakenedTree(
  replacements: readonly Replacement[],
  extent: Extent = 'source',
): Tree {
  const root = mkdtempSync(join(tmpdir(), 'patchbay-weakened-'))
  const remove = (): void => rmSync(root, { recursive: true, force: true })
  try {
    for (const path of filesOf(extent)) share(path, root)
    for (const path of extent === 'tests' ? [...LINKED, 'test/node_modules'] : LINKED) {
      symlinkSync(join(ROOT, path), join(root, path))
    }
    for (const replacement of replacements) apply(root, replacement)
    return { root, remove }
  } catch (error) {
    remove()
    throw error
  }
}

const known = new Map<Extent, readonly string[]>()

function filesOf(extent: Extent): readonly string[] {
  const files =
    known.get(extent) ?? (extent === 'tests' ? [...COPIED, 'test'] : COPIED).flatMap(below)
  known.set(extent, files)
  return extent === 'tests' ? files : files.filter(runs)
}

/** Every file at or below a path, from the root of the project. */
function below(path: string): readonly string[] {
  if (path.endsWith('/node_modules')) return []
  const stat = lstatSync(join(ROOT, path))
  if (!stat.isDirectory()) return stat.isFile() ? [path] : []
  return readdirSync(join(ROOT, path)).flatMap((name) => below(`${path}/${name}`))
}

/** Whether a file of the source is read when it runs. */
function runs(path: string): boolean {
  return !/\.(?:test|contract|arbitrary)\.ts$|\/fixtures\//.test(path)
}

/** The same file at another place; a copy where the two are on different disks. */
function share(path: string, root: string): void {
  const place = join(root, path)
  mkdirSync(dirname(place), { recursive: true })
  try {
    linkSync(join(ROOT, path), place)
  } catch {
    copyFileSync(join(ROOT, path), place)
  }
}

function apply(root: string, { file, find, put }: Replacement): void {
  const path = join(root, file)
  const parts = readFileSync(path, 'utf8').split(find)
  if (parts.length !== 2) {
    throw new Error(`${file} holds ${parts.length - 1} times what is to be replaced once: ${find}`)
  }
  // Never into the file itself: it may be the project's own.
  rmSync(path)
  writeFileSync(path, parts.join(put))
}
