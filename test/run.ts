// The whole check: types, lint, format, unused code, then every test; ends in a line `N passed, N failed`.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ObjectReader, parseJson } from '../src/wire/json.ts'
import { setup } from './client-libraries.ts'

const ROOT = join(import.meta.dirname, '..')

const CHECKS: readonly (readonly [string, readonly string[]])[] = [
  ['types', ['tsc', '--noEmit']],
  ['lint', ['oxlint', '--type-aware', '--deny-warnings']],
  ['format', ['oxfmt', '--check']],
  ['unused code', ['knip']],
]

function run(command: readonly string[]): boolean {
  const [name = '', ...rest] = command
  const result = spawnSync(join(ROOT, 'node_modules', '.bin', name), rest, {
    cwd: ROOT,
    stdio: 'inherit',
  })
  return result.status === 0
}

function main(): number {
  setup()
  const failedChecks = CHECKS.filter(([title, command]) => {
    process.stdout.write(`\n== ${title}\n`)
    return !run(command)
  }).map(([title]) => title)

  const folder = mkdtempSync(join(tmpdir(), 'patchbay-test-'))
  const report = join(folder, 'report.json')
  process.stdout.write('\n== tests\n')
  const green = run([
    'vitest',
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ])
  if (!existsSync(report)) {
    process.stdout.write(
      '\nVitest was stopped, or broke, before it could report.\n\n0 passed, 1 failed\n',
    )
    return 1
  }
  const counts = ObjectReader.of(parseJson(readFileSync(report, 'utf8')), 'report')
  rmSync(folder, { recursive: true })
  const passed = counts.number('numPassedTests')
  const failed = counts.number('numFailedTests')
  const skipped = counts.number('numPendingTests')
  for (const title of failedChecks) process.stdout.write(`check failed: ${title}\n`)
  if (skipped > 0) {
    const why =
      'no recorded corpus beside this checkout (../shared), or a real part that could not be had'
    process.stdout.write(`${skipped} skipped: ${why}\n`)
  }
  // A suite that could not even load has no failed test in it.
  const unloaded = !green && failed === 0 ? 1 : 0
  const failures = failed + failedChecks.length + unloaded
  process.stdout.write(
    `\n${passed + CHECKS.length - failedChecks.length} passed, ${failures} failed` +
      `${skipped === 0 ? '' : `, ${skipped} skipped`}\n`,
  )
  return green && failures === 0 ? 0 : 1
}

process.exitCode = main()
