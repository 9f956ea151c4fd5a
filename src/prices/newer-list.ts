// The file with a newer public list of prices: where it lies, how it is read, and how one is put there.
import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { GatewayError } from '../canonical/errors.ts'
import type { NewerList } from './price-list.ts'
import { type PriceUpdate, printPriceUpdate, readPriceUpdate } from './price-update.ts'

export interface PricePlace {
  readonly dataDir: string
  /** The user's own word for where it is. */
  readonly pricesFile?: string
}

function newerListPath({ dataDir, pricesFile }: PricePlace): string {
  return pricesFile ?? join(dataDir, 'prices.json')
}

/** Undefined where there is none and none is named. Throws GatewayError where it cannot be read, or is no list. */
export async function readNewerList(place: PricePlace): Promise<NewerList | undefined> {
  const path = newerListPath(place)
  const text = await contentOf(path, place.pricesFile !== undefined)
  if (text === undefined) return undefined
  try {
    const { vendors } = readPriceUpdate(text)
    return { vendors, name: `${basename(path)} (sha256 ${digestOf(text).slice(0, 12)})` }
  } catch (cause) {
    const why = cause instanceof GatewayError ? cause.message : 'It cannot be read.'
    throw unusable(`The prices in ${path} cannot be used. ${why}`, cause)
  }
}

/** Whole or not at all. Gives the path. */
export async function keepNewerList(place: PricePlace, update: PriceUpdate): Promise<string> {
  const path = newerListPath(place)
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const draft = `${path}.new`
  await writeFile(draft, printPriceUpdate(update), { mode: 0o600 })
  await rename(draft, path)
  return path
}

/** SHA-256 of a text, in hex. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

async function contentOf(path: string, isNamed: boolean): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    // A folder that is none is said by who needs it.
    if (!isNamed && (code === 'ENOENT' || code === 'ENOTDIR')) return undefined
    const named = isNamed ? ', which prices_file names,' : ''
    throw unusable(`The file ${path}${named} cannot be read.`, cause)
  }
}

function unusable(message: string, cause: unknown): GatewayError {
  return new GatewayError(
    'invalid_request',
    `${message} Correct or remove the file, or put another there: patchbay prices update --from FILE.`,
    { code: 'invalid_price_list', cause },
  )
}
