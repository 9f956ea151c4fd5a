// Reads a small file that must be its owner's alone, by the descriptor that was checked.
import { constants } from 'node:fs'
import { type FileHandle, open, realpath } from 'node:fs/promises'
import { dirname, relative, resolve, sep } from 'node:path'
import { vaultProblem } from '../problem.ts'

export interface PrivateFileOptions {
  /** Of this process; undefined on systems without users of that kind. */
  readonly uid: number | undefined
  /** The file must lie elsewhere: who copies the data must not get the key with it. */
  readonly outside?: string
}

const LARGEST = 4096

/** Throws `vault_key_unfit` with what to do. */
export async function readPrivateFile(path: string, options: PrivateFileOptions): Promise<Buffer> {
  const handle = await opened(path)
  try {
    await assertPrivate(handle, path, options)
    if (options.outside !== undefined) await assertOutside(path, options.outside)
    const { size } = await handle.stat()
    if (size > LARGEST) throw unfit(`The key file ${path} is too large for a key.`)
    return await handle.readFile()
  } finally {
    await handle.close()
  }
}

async function opened(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    if (code === 'ELOOP' || code === 'EMLINK') {
      throw unfit(`The key file ${path} is a symbolic link. Name the file itself.`, cause)
    }
    if (code === 'ENOENT') throw unfit(`There is no key file at ${path}.`, cause)
    throw unfit(`The key file ${path} cannot be read (${String(code)}).`, cause)
  }
}

async function assertPrivate(
  handle: FileHandle,
  path: string,
  { uid }: PrivateFileOptions,
): Promise<void> {
  const stat = await handle.stat()
  if (!stat.isFile()) throw unfit(`The key file ${path} is no regular file.`)
  if (uid === undefined) return
  if (stat.uid !== uid) {
    throw unfit(
      `The key file ${path} belongs to the user with number ${stat.uid}, and Patchbay runs as ${uid}. Run: chown ${uid} ${path}`,
    )
  }
  if ((stat.mode & 0o177) === 0) return
  const mode = (stat.mode & 0o777).toString(8).padStart(4, '0')
  throw unfit(
    `The key file ${path} has mode ${mode}: others can read or change it. Run: chmod 600 ${path}`,
  )
}

async function assertOutside(path: string, folder: string): Promise<void> {
  const own = await realpath(resolve(dirname(path)))
  const inside = relative(await realpath(folder).catch(() => resolve(folder)), own)
  if (inside === '..' || inside.startsWith(`..${sep}`) || resolve(inside) === inside) return
  throw unfit(
    `The key file ${path} lies in the data folder ${folder}: a copy of the folder would hold both the secrets and their key. Move it elsewhere, such as ~/.config/patchbay/vault.key.`,
  )
}

function unfit(message: string, cause?: unknown): Error {
  return vaultProblem('vault_key_unfit', message, cause)
}
