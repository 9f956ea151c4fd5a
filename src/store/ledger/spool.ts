// Records that wait for a database to come back: in memory in order, and in a file that outlives the process.
import { type FileHandle, mkdir, open, readFile, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { type JsonObject, isObject, tryParseJson } from '../../wire/json.ts'

const SUFFIX = '.spool'

/** One file of one gateway; whoever comes after it reads what it left. */
export class Spool {
  readonly #folder: string
  readonly #path: string
  readonly #records: JsonObject[] = []
  #file: FileHandle | undefined
  /** One write after another. */
  #turn: Promise<void> = Promise.resolve()

  /** `owner`: of letters, digits and dashes. */
  constructor(folder: string, owner: string) {
    this.#folder = folder
    this.#path = join(folder, `${owner}${SUFFIX}`)
  }

  get size(): number {
    return this.#records.length
  }

  /** Resolves once it is on the disk; rejects where it cannot be put there, and is then kept in memory alone. */
  append(record: JsonObject): Promise<void> {
    this.#records.push(record)
    const written = this.#turn.then(async () => this.#write(record))
    this.#turn = written.catch(() => undefined)
    return written
  }

  /** The oldest first. */
  peek(): readonly JsonObject[] {
    return [...this.#records]
  }

  /** Forgets as many of the oldest; once none is left, the file goes too. */
  async drop(count: number): Promise<void> {
    this.#records.splice(0, count)
    if (this.#records.length > 0) return
    this.#turn = this.#turn.then(async () => this.#forget()).catch(() => undefined)
    await this.#turn
  }

  async close(): Promise<void> {
    await this.#turn
    await this.#file?.close()
    this.#file = undefined
  }

  async #forget(): Promise<void> {
    if (this.#records.length > 0) return
    await this.#file?.close()
    this.#file = undefined
    await rm(this.#path, { force: true })
  }

  async #write(record: JsonObject): Promise<void> {
    if (this.#file === undefined) {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 })
      this.#file = await open(this.#path, 'a', 0o600)
    }
    await this.#file.appendFile(lineOf(record))
    await this.#file.sync()
  }
}

export interface LeftSpool {
  readonly owner: string
  readonly records: readonly JsonObject[]
  remove(): Promise<void>
}

/** What gateways that are gone have left; `isGone` says of an owner whether it is. */
export async function leftSpools(
  folder: string,
  isGone: (owner: string) => boolean,
): Promise<readonly LeftSpool[]> {
  const names = await readdir(folder).catch(() => [])
  const owners = names
    .filter((name) => name.endsWith(SUFFIX))
    .map((name) => name.slice(0, -SUFFIX.length))
    .filter(isGone)
  return Promise.all(
    owners.map(async (owner) => {
      const path = join(folder, `${owner}${SUFFIX}`)
      return {
        owner,
        records: recordsIn(await readFile(path, 'utf8')),
        remove: async () => rm(path, { force: true }),
      }
    }),
  )
}

/** `3610a686 {…}`: a line that was cut when its writer died has another sum, and so has everything behind it no meaning. */
function lineOf(record: JsonObject): string {
  const text = JSON.stringify(record)
  return `${crc32(text).toString(16).padStart(8, '0')} ${text}\n`
}

function recordsIn(text: string): readonly JsonObject[] {
  const records: JsonObject[] = []
  for (const line of text.split('\n')) {
    const body = line.slice(9)
    const record = tryParseJson(body)
    if (!isObject(record) || lineOf(record) !== `${line}\n`) break
    records.push(record)
  }
  return records
}
