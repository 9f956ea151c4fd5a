// Attacks that tests elsewhere try: these pass on a copy of the source, and fail on one without the defence.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { ObjectReader, parseJson } from '../../src/wire/json.ts'
import type { TestedAttack } from './attack.ts'
import { ROOT, type Tree, weakenedTree } from './tree.ts'

/** What a test said of itself. */
interface Verdict {
  readonly file: string
  readonly title: string
  readonly status: string
}

/** Registers the tests. All trees are tried in one run of Vitest. */
export function proveTested(attacks: readonly TestedAttack[]): void {
  const trees: Tree[] = []
  let verdicts: readonly Verdict[] = []

  beforeAll(async () => {
    trees.push(weakenedTree([], 'tests'))
    for (const { weaken } of attacks) trees.push(weakenedTree(weaken, 'tests'))
    const files = [...new Set(attacks.map(({ tests }) => tests))]
    const projects = [...trees].map(({ root }, at) =>
      projectOf(root, at === 0 ? files : [attacks[at - 1]?.tests ?? '']),
    )
    verdicts = await verdictsOf(projects, attacks)
  }, 300_000)
  afterAll(() => {
    for (const tree of trees) tree.remove()
  })

  describe.each(attacks.map((attack, at) => ({ ...attack, at })))('$id $name', (attack) => {
    const inTree = (at: number): readonly Verdict[] => {
      const file = join(trees[at]?.root ?? '', attack.tests)
      return verdicts.filter((one) => one.file === file && isAbout(one.title, attack.id))
    }

    it('is held off', () => {
      const own = inTree(0)
      assert.ok(own.length > 0, `no test of ${attack.tests} bears ${attack.id}`)
      assert.deepEqual(new Set(own.map(({ status }) => status)), new Set(['passed']))
    })

    it('gets through where its defence is taken away', () => {
      const own = inTree(attack.at + 1)
      assert.ok(own.length > 0, 'the tests could not even be loaded')
      assert.ok(
        own.some(({ status }) => status === 'failed'),
        'every test passes as well',
      )
    })
  })
}

/** Whether the title of a test, or of what it stands in, bears the number: `V002 a row that was swapped`, `is none [A033]`. */
function isAbout(title: string, id: string): boolean {
  return new RegExp(`\\b${id}\\b`).test(title)
}

function projectOf(root: string, include: readonly string[]): object {
  const setupFiles = [join(root, 'test', 'setup.ts')]
  return { root, test: { root, include, setupFiles, testTimeout: 60_000, retry: 0 } }
}

async function verdictsOf(
  projects: readonly object[],
  attacks: readonly TestedAttack[],
): Promise<readonly Verdict[]> {
  const folder = mkdtempSync(join(tmpdir(), 'patchbay-attack-tests-'))
  const config = join(folder, 'vitest.config.mjs')
  const report = join(folder, 'report.json')
  writeFileSync(config, `export default { test: { projects: ${JSON.stringify(projects)} } }`)
  const args = ['run', '--config', config, '--root', folder, '--maxWorkers=2', '--reporter=json']
  const pattern = attacks.map(({ id }) => id).join('|')
  const child = spawn(
    join(ROOT, 'node_modules', '.bin', 'vitest'),
    [...args, `--outputFile.json=${report}`, '--testNamePattern', pattern],
    { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
  )
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  await once(child, 'close')
  try {
    return read(readFileSync(report, 'utf8'))
  } catch (cause) {
    throw new Error(`Vitest could not report:\n${said}`, { cause })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function read(report: string): readonly Verdict[] {
  return ObjectReader.of(parseJson(report), 'report')
    .items('testResults')
    .map(({ value, path }) => ObjectReader.of(value, path))
    .flatMap((file) =>
      file.items('assertionResults').map(({ value, path }) => {
        const test = ObjectReader.of(value, path)
        const titles = [...(test.optionalStrings('ancestorTitles') ?? []), test.string('title')]
        return {
          file: file.string('name'),
          title: titles.join(' > '),
          status: test.string('status'),
        }
      }),
    )
    .filter(({ status }) => status === 'passed' || status === 'failed')
}
