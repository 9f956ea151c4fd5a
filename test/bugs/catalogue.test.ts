// The catalogue of other gateways' bugs: each that concerns translation, routing, safety or single calls is shown in a test here, or cannot occur.
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ObjectReader, isArray, parseJson } from '../../src/wire/json.ts'
import { hasCorpus } from '../corpus.ts'
import { CANNOT_OCCUR } from './cannot-occur.ts'

const CLASSES: ReadonlySet<string> = new Set([
  'stream-tools',
  'sse',
  'messages',
  'tool-results',
  'tool-choice',
  'schema',
  'structured',
  'thinking',
  'caching',
  'usage',
  'finish',
  'params',
  'multimodal',
  'errors',
  'ollama',
  'gemini',
  'mistral',
  'transport',
  'routing',
  'security',
  'cost',
])

/** Of other classes: what concerns single calls. */
const ALSO: ReadonlySet<string> = new Set(['PB-140', 'PB-141', 'PB-144', 'PB-146'])

/** The ids of the catalogue's bugs that concern us. */
function catalogue(): readonly string[] {
  const file = join(import.meta.dirname, '..', '..', '..', 'shared', 'catalogues', 'bugs.json')
  const list = parseJson(readFileSync(file, 'utf8'))
  if (!isArray(list)) throw new Error('The catalogue is no list.')
  return list.flatMap((entry, at) => {
    const bug = ObjectReader.of(entry, `bugs[${at}]`)
    const id = bug.string('id')
    return CLASSES.has(bug.string('class')) || ALSO.has(id) ? [id] : []
  })
}

/** The ids in titles of tests. */
function shown(): ReadonlySet<string> {
  const files = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.test.ts'))
  const sources = files.map((file) => readFileSync(join(import.meta.dirname, file), 'utf8'))
  return new Set(sources.flatMap((source) => source.match(/(?<=\[)PB-\d+(?=\])/g) ?? []))
}

describe.skipIf(!hasCorpus())('the catalogue', () => {
  const known = hasCorpus() ? catalogue() : []

  it('has every bug of these classes either shown in a test or explained, and never both', () => {
    const tested = shown()
    const explained = new Set(Object.keys(CANNOT_OCCUR))
    expect(known.length).toBeGreaterThan(100)
    expect(known.filter((id) => !tested.has(id) && !explained.has(id))).toEqual([])
    expect(known.filter((id) => tested.has(id) && explained.has(id))).toEqual([])
  })

  it('knows every bug that is named here', () => {
    const ids = new Set(known)
    expect([...shown(), ...Object.keys(CANNOT_OCCUR)].filter((id) => !ids.has(id))).toEqual([])
  })
})
