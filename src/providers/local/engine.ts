// The program that runs models: installed by npm into the data folder on first use, as pinned.
import { mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { GatewayError } from '../../canonical/errors.ts'
import { type RunCommand, lastLine, runCommand } from './command.ts'
import { ENGINE_VERSION, engineManifest } from './engine-manifest.ts'
import { engineEntry, engineFolder } from './folders.ts'
import { withLock } from './lock.ts'
import { type Platform, thisPlatform } from './platform.ts'
import type { OnProgress } from './progress.ts'

export interface EngineOptions {
  readonly dataDir: string
  readonly signal: AbortSignal
  readonly onProgress?: OnProgress
  readonly platform?: Platform
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly run?: RunCommand
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

export async function engineIsInstalled(dataDir: string): Promise<boolean> {
  return exists(engineEntry(dataDir))
}

/** Resolves with the engine's entry module, installed if need be. Concurrent first uses install once. */
export async function ensureEngine(options: EngineOptions): Promise<string> {
  const { dataDir, signal } = options
  const entry = engineEntry(dataDir)
  if (await exists(entry)) return entry
  const folder = engineFolder(dataDir)
  await withLock({ path: `${folder}.lock`, signal }, async () => {
    if (!(await exists(entry))) await install(options, folder)
  })
  return entry
}

async function install(options: EngineOptions, folder: string): Promise<void> {
  const { signal, onProgress, platform = thisPlatform, env = process.env } = options
  const manifest = engineManifest(platform)
  const npm = npmCommand(env)
  await mkdir(dirname(folder), { recursive: true })
  const temporary = await mkdtemp(`${folder}.`)
  try {
    await writeFile(join(temporary, 'package.json'), JSON.stringify(manifest.packageJson))
    await writeFile(join(temporary, 'package-lock.json'), JSON.stringify(manifest.packageLock))
    onProgress?.({ what: 'engine', source: 'npm', bytes: 0 })
    const run = options.run ?? runCommand
    const outcome = await run({
      program: npm.program,
      args: [
        ...npm.args,
        manifest.locked ? 'ci' : 'install',
        '--ignore-scripts',
        '--omit=optional',
        '--no-audit',
        '--no-fund',
        // Without a network npm would wait and try for minutes before it says so.
        '--fetch-retries=1',
        '--fetch-retry-mintimeout=1000',
        '--fetch-retry-maxtimeout=5000',
      ],
      cwd: temporary,
      signal,
    })
    if (outcome.code !== 0) throw npmFailed(outcome.code, outcome.output)
    await rm(folder, { recursive: true, force: true })
    await rename(temporary, folder)
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

/** npm as it started this process, else as it is found on the PATH. */
function npmCommand(env: Readonly<Record<string, string | undefined>>): {
  readonly program: string
  readonly args: readonly string[]
} {
  const script = env['npm_execpath']
  // npm_execpath may also be yarn's or pnpm's own script, which do not know `npm ci`.
  if (script !== undefined && /npm-cli\.c?js$/.test(script)) {
    return { program: process.execPath, args: [script] }
  }
  return { program: process.platform === 'win32' ? 'npm.cmd' : 'npm', args: [] }
}

function npmFailed(code: number | undefined, output: string): GatewayError {
  const details = { code: 'local_engine_unavailable', cause: output }
  if (code === undefined) {
    return new GatewayError(
      'upstream',
      'The embedded model needs its engine, and npm was not found to install it. Install Node.js with npm, then run: patchbay models pull',
      details,
    )
  }
  const reason = /^npm (?:error|ERR!) code (\w+)/m.exec(output)?.[1] ?? lastLine(output)
  return new GatewayError(
    'upstream',
    `The engine of the embedded model (node-llama-cpp ${ENGINE_VERSION}) could not be installed: npm ended with code ${code} (${reason}). Check the network and the npm registry, then run: patchbay models pull`,
    details,
  )
}
