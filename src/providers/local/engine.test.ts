// Installing the engine: as pinned, for this machine only, once, and whole or not at all.
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ObjectReader, parseJson } from '../../wire/json.ts'
import type { Command, Outcome, RunCommand } from './command.ts'
import { ENGINE_VERSION, engineManifest } from './engine-manifest.ts'
import engineLock from './engine-lock.json' with { type: 'json' }
import { engineIsInstalled, ensureEngine } from './engine.ts'
import { engineEntry } from './folders.ts'

const LINUX = { os: 'linux', cpu: 'x64' }
const signal = new AbortController().signal
let dataDir: string

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'patchbay-engine-'))
})
afterEach(async () => rm(dataDir, { recursive: true }))

/** An npm that makes the one file that matters. */
function fakeNpm(seen: Command[] = []): RunCommand {
  return async (command) => {
    seen.push(command)
    const entry = join(command.cwd ?? '', 'node_modules', 'node-llama-cpp', 'dist', 'index.js')
    await mkdir(dirname(entry), { recursive: true })
    await writeFile(entry, '')
    return { code: 0, output: '' }
  }
}

function npmEndingWith(outcome: Outcome): RunCommand {
  return async () => outcome
}

async function readJson(command: Command, name: string): Promise<ObjectReader> {
  const text = await readFile(join(command.cwd ?? '', name), 'utf8')
  return ObjectReader.of(parseJson(text), name)
}

describe('the manifest', () => {
  it('asks for the binding and the one binary package of the machine', () => {
    const { packageJson, packageLock, locked } = engineManifest(LINUX)
    expect(packageJson['dependencies']).toEqual({
      'node-llama-cpp': ENGINE_VERSION,
      '@node-llama-cpp/linux-x64': ENGINE_VERSION,
    })
    const names = Object.keys(ObjectReader.of(packageLock['packages'], 'packages').source)
    expect(names.filter((name) => name.includes('@node-llama-cpp/'))).toEqual([
      'node_modules/@node-llama-cpp/linux-x64',
    ])
    expect(locked).toBe(true)
  })

  it('pins every package by its checksum, and names no registry', () => {
    const packages = ObjectReader.of(engineManifest(LINUX).packageLock['packages'], 'packages')
    for (const [path, entry] of Object.entries(packages.source)) {
      if (path === '') continue
      expect(ObjectReader.of(entry, path).string('integrity')).toMatch(/^sha512-/)
    }
    expect(JSON.stringify(engineLock)).not.toContain('"resolved"')
  })

  it('leaves it to npm to complete the lock where the binary package is not in it', () => {
    const { packageJson, locked } = engineManifest({ os: 'darwin', cpu: 'arm64' })
    expect(packageJson['dependencies']).toHaveProperty(['@node-llama-cpp/mac-arm64-metal'])
    expect(locked).toBe(false)
  })

  it('says where the engine runs when it does not run here', () => {
    expect(() => engineManifest({ os: 'aix', cpu: 'ppc64' })).toThrow(/linux-x64.*Ollama/)
  })
})

describe('ensureEngine', () => {
  it('installs without scripts and without optional packages', async () => {
    const seen: Command[] = []
    const entry = await ensureEngine({ dataDir, signal, platform: LINUX, run: fakeNpm(seen) })
    expect(entry).toBe(engineEntry(dataDir))
    expect(await engineIsInstalled(dataDir)).toBe(true)
    expect(seen[0]?.args).toEqual(
      expect.arrayContaining(['ci', '--ignore-scripts', '--omit=optional']),
    )
  })

  it('uses the npm that started this process', async () => {
    const seen: Command[] = []
    const env = { npm_execpath: '/somewhere/npm-cli.js' }
    await ensureEngine({ dataDir, signal, platform: LINUX, env, run: fakeNpm(seen) })
    expect(seen[0]).toMatchObject({
      program: process.execPath,
      args: expect.arrayContaining(['/somewhere/npm-cli.js', 'ci']),
    })
  })

  it('takes the npm on the PATH when another package manager started this process', async () => {
    const seen: Command[] = []
    const env = { npm_execpath: '/somewhere/yarn.js' }
    await ensureEngine({ dataDir, signal, platform: LINUX, env, run: fakeNpm(seen) })
    expect(seen[0]?.program).toMatch(/^npm/)
  })

  it('does nothing when the engine is there', async () => {
    const seen: Command[] = []
    const options = { dataDir, signal, platform: LINUX, run: fakeNpm(seen) }
    await ensureEngine(options)
    await ensureEngine(options)
    expect(seen).toHaveLength(1)
  })

  it('installs once for many first calls at a time', async () => {
    const seen: Command[] = []
    const options = { dataDir, signal, platform: LINUX, run: fakeNpm(seen) }
    await Promise.all([ensureEngine(options), ensureEngine(options), ensureEngine(options)])
    expect(seen).toHaveLength(1)
  })

  it('leaves nothing behind when npm fails, and says what to run next', async () => {
    const run = npmEndingWith({ code: 1, output: 'npm error code ENOTFOUND\nmore' })
    const failing = ensureEngine({ dataDir, signal, platform: LINUX, run })
    await expect(failing).rejects.toMatchObject({
      kind: 'upstream',
      code: 'local_engine_unavailable',
      message: expect.stringMatching(/ENOTFOUND.*patchbay models pull/),
    })
    expect(await readdir(join(dataDir, 'engine'))).toEqual([])
  })

  it('says so when there is no npm', async () => {
    const run = npmEndingWith({ code: undefined, output: 'spawn npm ENOENT' })
    await expect(ensureEngine({ dataDir, signal, platform: LINUX, run })).rejects.toThrow(
      /npm was not found.*patchbay models pull/,
    )
  })

  it('gives npm a lock that belongs to its package file', async () => {
    const install = fakeNpm()
    const run: RunCommand = async (command) => {
      const dependencies = (await readJson(command, 'package.json')).object('dependencies').source
      const lock = await readJson(command, 'package-lock.json')
      const root = lock.object('packages').object('')
      expect(root.object('dependencies').source).toEqual(dependencies)
      return install(command)
    }
    await expect(ensureEngine({ dataDir, signal, platform: LINUX, run })).resolves.toBeTypeOf(
      'string',
    )
  })
})
