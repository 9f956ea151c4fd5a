// The file that remembers the keys of this installation: made at the first start, hashes only, for its owner's eyes.
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { GatewayError } from '../canonical/errors.ts'
import { type JsonObject, ObjectReader, isObject, tryParseJson } from '../wire/json.ts'
import {
  type RandomBytes,
  type StoredToken,
  type TokenKind,
  mintToken,
  storedToken,
} from './tokens.ts'

export interface TokenFileOptions {
  readonly dataDir: string
  readonly random: RandomBytes
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** The stored tokens, and in clear those that were made just now: this is the only time they can be shown. */
export interface OpenedTokens {
  readonly stored: readonly StoredToken[]
  readonly made: Readonly<Partial<Record<TokenKind, string>>>
}

const FILE_NAME = 'tokens.json'
const KINDS: readonly TokenKind[] = ['admin', 'client']

/** Reads the tokens and makes those that are missing. */
export async function openTokens(options: TokenFileOptions): Promise<OpenedTokens> {
  const path = join(options.dataDir, FILE_NAME)
  const known = await readTokens(path)
  const made: Partial<Record<TokenKind, string>> = {}
  const fresh: StoredToken[] = []
  for (const kind of KINDS) {
    if (known.some((token) => token.kind === kind)) continue
    const token = mintToken(kind, options.random)
    made[kind] = token
    fresh.push(storedToken(kind, token, new Date(options.now()).toISOString()))
  }
  const stored = [...known, ...fresh]
  if (fresh.length > 0) await writeTokens(options.dataDir, stored)
  return { stored, made }
}

async function readTokens(path: string): Promise<readonly StoredToken[]> {
  const text = await contentOf(path)
  if (text === undefined) return []
  const file = tryParseJson(text)
  const entries = isObject(file) ? file['tokens'] : undefined
  if (!Array.isArray(entries)) throw unreadable(path)
  try {
    const tokens = entries.map((entry, at) => tokenFrom(ObjectReader.of(entry, `tokens[${at}]`)))
    // A file that came back from a backup may be open to others.
    await chmod(path, 0o600)
    return tokens
  } catch (cause) {
    throw unreadable(path, cause)
  }
}

async function contentOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw unreadable(path, cause)
  }
}

function tokenFrom(reader: ObjectReader): StoredToken {
  const word = reader.string('kind')
  const kind = KINDS.find((known) => known === word)
  if (kind === undefined) throw new TypeError(`unknown kind at ${reader.path('kind')}`)
  const sha256 = reader.string('sha256')
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw new TypeError(`no digest at ${reader.path('sha256')}`)
  return { kind, id: reader.string('id'), sha256, createdAt: reader.string('created_at') }
}

async function writeTokens(dataDir: string, tokens: readonly StoredToken[]): Promise<void> {
  const content: JsonObject = {
    version: 1,
    tokens: tokens.map(({ kind, id, sha256, createdAt }) => ({
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

function unreadable(path: string, cause?: unknown): GatewayError {
  return new GatewayError(
    'internal',
    `The key file ${path} cannot be read. Restore it, or delete it to have new keys made.`,
    { code: 'token_file_unreadable', cause },
  )
}
