// The file that held the keys of an installation before they were in its database, and that still holds them where the database forgets: digests only, for its owner's eyes.
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { GatewayError } from '../../canonical/errors.ts'
import { type JsonObject, ObjectReader, isObject, tryParseJson } from '../../wire/json.ts'

const KINDS = ['admin', 'client'] as const

/** What the file says of a key. */
export interface FiledKey {
  readonly kind: (typeof KINDS)[number]
  /** The public part. */
  readonly id: string
  /** SHA-256 of the whole key, in hex. */
  readonly sha256: string
  readonly createdAt: string
}

const FILE_NAME = 'tokens.json'

/** Empty where there is no file. */
export async function readKeyFile(dataDir: string): Promise<readonly FiledKey[]> {
  const path = join(dataDir, FILE_NAME)
  const text = await contentOf(path)
  if (text === undefined) return []
  const file = tryParseJson(text)
  const entries = isObject(file) ? file['tokens'] : undefined
  if (!Array.isArray(entries)) throw unreadable(path)
  try {
    const keys = entries.map((entry, at) => keyFrom(ObjectReader.of(entry, `tokens[${at}]`)))
    // A file that came back from a backup may be open to others.
    await chmod(path, 0o600)
    return keys
  } catch (cause) {
    throw unreadable(path, cause)
  }
}

export async function writeKeyFile(dataDir: string, keys: readonly FiledKey[]): Promise<void> {
  const content: JsonObject = {
    version: 1,
    tokens: keys.map(({ kind, id, sha256, createdAt }) => ({
      kind,
      id,
      sha256,
      created_at: createdAt,
    })),
  }
  const path = join(dataDir, FILE_NAME)
  const unfinished = `${path}.${process.pid}.new`
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 })
    await writeFile(unfinished, `${JSON.stringify(content, undefined, 2)}\n`, { mode: 0o600 })
    await rename(unfinished, path)
  } catch (cause) {
    throw new GatewayError(
      'internal',
      `Patchbay cannot keep its keys in ${path}. Make the folder writable, or choose another with PATCHBAY_HOME.`,
      { code: 'data_folder_not_writable', cause },
    )
  }
}

export async function removeKeyFile(dataDir: string): Promise<void> {
  await rm(join(dataDir, FILE_NAME), { force: true })
}

async function contentOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw unreadable(path, cause)
  }
}

function keyFrom(reader: ObjectReader): FiledKey {
  const word = reader.string('kind')
  const kind = KINDS.find((known) => known === word)
  if (kind === undefined) throw new TypeError(`unknown kind at ${reader.path('kind')}`)
  const sha256 = reader.string('sha256')
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw new TypeError(`no digest at ${reader.path('sha256')}`)
  return { kind, id: reader.string('id'), sha256, createdAt: reader.string('created_at') }
}

function unreadable(path: string, cause?: unknown): GatewayError {
  return new GatewayError(
    'internal',
    `The key file ${path} cannot be read. Restore it, or delete it to have new keys made.`,
    { code: 'token_file_unreadable', cause },
  )
}
