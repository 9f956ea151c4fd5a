// The titles of all tests, as they stand in their files; those under load are `*.load.ts`.
import { readFileSync, readdirSync } from 'node:fs'
import { join, sep } from 'node:path'

const ROOT = join(import.meta.dirname, '..', '..')

export interface FaultTest {
  /** Such as `F001`. */
  readonly fault: string
  /** From the root of the project, with forward slashes. */
  readonly file: string
}

/** Every test, or table of tests, whose title bears the number of a fault. */
export function faultTests(): readonly FaultTest[] {
  return ['src', 'test'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.(?:test|load)\.ts$/.test(path))
      .flatMap((path) => {
        const file = `${folder}/${path.split(sep).join('/')}`
        return faultsIn(readFileSync(join(ROOT, file), 'utf8')).map((fault) => ({ fault, file }))
      }),
  )
}

/** A title that begins with the number, or a row of a table of titles. */
function faultsIn(text: string): readonly string[] {
  const titles = text.matchAll(/['"`](?<fault>F\d{3})(?=[ :'"`])/g)
  return [...new Set([...titles].map(({ groups }) => groups?.['fault'] ?? ''))]
}
