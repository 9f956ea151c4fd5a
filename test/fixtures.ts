// The project's own small fixtures: one folder a dialect, written from the vendors' documentation.
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Json, parseJson } from '../src/wire/json.ts'

const DIALECTS = join(import.meta.dirname, '..', 'src', 'dialects')

/** Case `text` may have `text.request.json`, `text.response.json`, `text.stream.sse` or `.ndjson`, `text.error.json`. */
export interface Fixture {
  readonly name: string
  readonly request?: Json
  readonly response?: Json
  readonly stream?: Uint8Array
  /** `{status, headers, body}`. */
  readonly error?: Json
}

const KINDS = /^(?<name>.+)\.(?<kind>request|response|stream|error)\.(?:json|sse|ndjson)$/

/** The fixtures of one dialect's folder, in order of their names. */
export function fixturesOf(dialect: string): readonly Fixture[] {
  const folder = join(DIALECTS, dialect, 'fixtures')
  const names = new Set<string>()
  for (const file of readdirSync(folder)) {
    const name = KINDS.exec(file)?.groups?.['name']
    if (name === undefined) throw new Error(`${dialect}/fixtures/${file} has an unknown kind`)
    names.add(name)
  }
  return [...names].toSorted().map((name) => readFixture(folder, name))
}

function readFixture(folder: string, name: string): Fixture {
  const request = readJson(join(folder, `${name}.request.json`))
  const response = readJson(join(folder, `${name}.response.json`))
  const error = readJson(join(folder, `${name}.error.json`))
  const stream = [`${name}.stream.sse`, `${name}.stream.ndjson`]
    .map((file) => join(folder, file))
    .find((file) => existsSync(file))
  return {
    name,
    ...(request === undefined ? {} : { request }),
    ...(response === undefined ? {} : { response }),
    ...(error === undefined ? {} : { error }),
    ...(stream === undefined ? {} : { stream: new Uint8Array(readFileSync(stream)) }),
  }
}

function readJson(file: string): Json | undefined {
  return existsSync(file) ? parseJson(readFileSync(file, 'utf8')) : undefined
}
