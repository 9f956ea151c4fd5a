// A file that is replaced as a whole: after a loss of power there is the old one or the new one, and the one before is kept.
import { constants } from 'node:fs'
import { copyFile, mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { vaultProblem } from './problem.ts'
import type { TextFile } from './vault-shelf.ts'

export interface DiskFileOptions {
  readonly path: string
  /** Whether the state before the last is kept beside it, as `.previous`. */
  readonly keeps?: true
}

export class DiskFile implements TextFile {
  readonly #options: DiskFileOptions
  #count = 0

  constructor(options: DiskFileOptions) {
    this.#options = options
  }

  async read(): Promise<string | undefined> {
    const { path } = this.#options
    try {
      return await readFile(path, 'utf8')
    } catch (cause) {
      if (codeOf(cause) === 'ENOENT') return undefined
      throw vaultProblem('vault_corrupt', `${path} cannot be read (${codeOf(cause)}).`, cause)
    }
  }

  async write(text: string): Promise<void> {
    const { path, keeps } = this.#options
    const unfinished = `${path}.${process.pid}.${(this.#count += 1)}.new`
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      await writeThrough(unfinished, text)
      if (keeps === true) await keep(path)
      await rename(unfinished, path)
      await syncFolder(dirname(path))
    } catch (cause) {
      await rm(unfinished, { force: true })
      throw vaultProblem(
        'vault_not_written',
        `${path} cannot be written (${codeOf(cause)}). Make its folder writable, and free some space.`,
        cause,
      )
    }
  }
}

/** To a file that is not there yet, for its owner alone; it is there to stay once this resolves. */
export async function writeThrough(path: string, text: string): Promise<void> {
  const handle = await open(path, 'wx', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** A copy, so that there is a file at the path at every moment. */
async function keep(path: string): Promise<void> {
  try {
    await copyFile(path, `${path}.previous`, constants.COPYFILE_FICLONE)
  } catch (cause) {
    if (codeOf(cause) !== 'ENOENT') throw cause
  }
}

/** What was renamed is there after a loss of power once its folder is written. Windows has no such call. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason'
}
