// The package as a user gets it: built, packed, installed in an empty project, imported, type-checked, run.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { ObjectReader, isObject, parseJson } from '../src/wire/json.ts'
import { ROOT, binary, manifest, packedInto } from './packed.ts'
import { mustRun, runProgram } from './program.ts'
import { realPart } from './real/cache.ts'
import { realModel } from './real/real-model.ts'
import { start } from './run-patchbay.ts'

const folder = mkdtempSync(join(tmpdir(), 'patchbay-package-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const tarball = await packedInto(folder)
const listed = await mustRun('tar', ['-tzf', tarball], { cwd: folder })
const files = listed.split('\n').flatMap((line) => line.split('package/')[1] ?? [])

describe('the tarball', () => {
  it('holds what users need and nothing else', () => {
    const tops = new Set(files.map((file) => file.replace(/\/.*/, '')))
    expect([...tops].toSorted()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'bin',
      'dist',
      'docs',
      'package.json',
      'patchbay.schema.json',
    ])
    const strange = files.filter((file) => /\.(?:test|contract|arbitrary)\.|fixtures\//.test(file))
    expect(strange).toEqual([])
    const kinds = new Set(files.map((file) => file.replace(/^[^.]*/, '')))
    expect([...kinds].toSorted()).toEqual(['', '.d.ts', '.js', '.json', '.md', '.schema.json'])
  })

  it('has every entry that the manifest names', () => {
    const exports = manifest().object('exports')
    const named = Object.values(exports.source).flatMap((entry) =>
      isObject(entry) ? Object.values(entry) : [entry],
    )
    expect(named).toContain('./dist/testing.d.ts')
    expect(named.filter((path) => !files.includes(String(path).replace('./', '')))).toEqual([])
    expect(files).toContain(manifest().object('bin').string('patchbay'))
  })

  it('is small and runs nothing when it is installed', () => {
    expect(statSync(tarball).size).toBeLessThan(1_500_000)
    const hooks = new Set(['preinstall', 'install', 'postinstall', 'prepare'])
    const scripts = Object.keys(manifest().object('scripts').source)
    expect(scripts.filter((script) => hooks.has(script))).toEqual([])
  })
})

describe.each([
  { lockfile: 'package-lock.json', manifests: ['package.json'], optional: 50 },
  {
    lockfile: 'test/package-lock.json',
    manifests: ['test/package.json', 'test/sdk/previous/package.json'],
    optional: 0,
  },
])('$lockfile', ({ lockfile, manifests, optional }) => {
  const text = readFileSync(join(ROOT, lockfile), 'utf8')
  const packages = ObjectReader.of(parseJson(text), lockfile).object('packages')
  const places = Object.keys(packages.source)

  it('has an entry for every optional package of any platform: npm ci refuses it otherwise', () => {
    const wanted = places.flatMap((place) =>
      Object.keys(packages.object(place).optionalObject('optionalDependencies')?.source ?? {}),
    )
    expect(wanted.length).toBeGreaterThanOrEqual(optional)
    const missing = wanted.filter(
      (name) => !places.some((place) => place.endsWith(`node_modules/${name}`)),
    )
    expect(missing).toEqual([])
  })

  it('names no registry, and no package with scripts that nobody has decided on', () => {
    expect(text).not.toMatch(/"resolved": "[^"]*:|\.tgz/)
    const scripted = places
      .filter((place) => packages.object(place).source['hasInstallScript'] === true)
      .map((place) => place.replace(/^.*node_modules\//, ''))
    const decided = manifest(manifests[0]).optionalObject('allowScripts')?.source ?? {}
    expect([...new Set(scripted)].toSorted()).toEqual(Object.keys(decided))
  })

  it.each(manifests)('takes exact versions, those of %s', (path) => {
    const { source } = manifest(path)
    const kinds = ['dependencies', 'devDependencies'].map((kind) => source[kind])
    const versions = kinds.flatMap((kind) => (isObject(kind) ? Object.values(kind) : []))
    expect(versions.length).toBeGreaterThan(5)
    expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(String(version)))).toEqual([])
  })
})

const project = join(folder, 'project')
mkdirSync(project)
writeFileSync(join(project, 'package.json'), '{"name":"project","private":true,"type":"module"}')

const { reason, value: installed } = await realPart(async () => {
  const args = ['install', tarball, '--ignore-scripts', '--prefer-offline', '--prefix', project]
  await mustRun('npm', [...args, '--no-audit', '--no-fund'], { cwd: project })
  return join(project, 'node_modules')
})

/** All bytes below a folder. */
function weightOf(path: string): number {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}

async function node(code: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  return mustRun(process.execPath, ['--input-type=module', '-e', code], { cwd: project, env })
}

const COMMAND = join(project, 'node_modules', 'patchbay', 'bin', 'patchbay.js')

async function patchbay(...args: readonly string[]): Promise<string> {
  const env = { PATCHBAY_HOME: join(folder, 'home'), PATCHBAY_PORT: '0' }
  return mustRun(process.execPath, [COMMAND, ...args], { cwd: project, env })
}

/** A folder that begins with an @ holds the packages of one owner. */
function packagesIn(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) =>
      name.startsWith('@')
        ? readdirSync(join(folder, name)).map((own) => `${name}/${own}`)
        : [name],
    )
}

const why = installed === undefined ? ` (${reason})` : ''

describe.skipIf(installed === undefined)(`the installed package${why}`, () => {
  it('brings only the dependencies of run time, and weighs little', () => {
    const direct = Object.keys(manifest().object('dependencies').source)
    const there = packagesIn(installed ?? '')
    expect(there).toEqual(expect.arrayContaining([...direct, 'patchbay']))
    const development = Object.keys(manifest().object('devDependencies').source)
    expect(there.filter((name) => development.includes(name))).toEqual([])
    const megabytes = weightOf(installed ?? '') / 1e6
    // Half of it is the tables of tokenizers (decision 027).
    expect(megabytes).toBeLessThan(55)
    const said = /weighs (?<megabytes>\d+) MB/.exec(
      readFileSync(join(ROOT, 'docs', 'deployment.md'), 'utf8'),
    )
    expect(Math.abs(Number(said?.groups?.['megabytes']) - megabytes)).toBeLessThan(2)
  })

  it('is imported by every entry', async () => {
    const printed = await node(`
      import { BaseProvider, LLMProvider, ProviderManager } from 'patchbay'
      import { dialects } from 'patchbay/dialects'
      import { createGateway } from 'patchbay/server'
      import { ScriptedProvider } from 'patchbay/testing'
      import manifest from 'patchbay/package.json' with { type: 'json' }
      const manager = new ProviderManager()
      const provider = manager.registerProvider(new ScriptedProvider())
      const answer = await new LLMProvider({ manager }).chat('hello')
      console.log(answer.content, provider instanceof BaseProvider, dialects.length, typeof createGateway, manifest.version)
    `)
    expect(printed).toBe(`hello true 6 function ${manifest().string('version')}\n`)
  })

  it('has types that a strict project accepts, its own declarations checked too', async () => {
    const program = `
      import { BaseProvider, type ChatMessage, type ChatResponse, LLMProvider, ProviderManager, textAnswer } from 'patchbay'
      import { dialectById } from 'patchbay/dialects'
      import { type Gateway, createGateway, loadConfig } from 'patchbay/server'
      import { providerProblems } from 'patchbay/testing'

      class Mine extends BaseProvider {
        override async chat(messages: readonly ChatMessage[]): Promise<ChatResponse> {
          return textAnswer(String(messages.length))
        }
        override async listModels(): Promise<string[]> {
          return ['m']
        }
        override async healthCheck(): Promise<boolean> {
          return true
        }
      }
      const manager = new ProviderManager()
      manager.registerProvider({ providerType: 'custom', name: 'x', baseUrl: 'https://x.example/v1' })
      export const problems: readonly string[] = await providerProblems(new Mine({ providerType: 'mine', name: 'mine' }))
      export const llm: LLMProvider = new LLMProvider({ manager })
      export const id: string | undefined = dialectById('ollama')?.id
      export const gateway: Gateway = await createGateway({ config: await loadConfig({ env: {}, cwd: '.' }), env: {} })
      // A wrong use must not pass: otherwise everything would be any.
      export const wrong: number = manager.defaultName
    `
    writeFileSync(join(project, 'program.ts'), program)
    const compilerOptions = {
      strict: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      module: 'nodenext',
      target: 'es2024',
      noEmit: true,
      skipLibCheck: false,
      types: ['node'],
      typeRoots: [join(ROOT, 'node_modules', '@types')],
    }
    writeFileSync(
      join(project, 'tsconfig.json'),
      JSON.stringify({ compilerOptions, files: ['program.ts'] }),
    )
    const { stdout } = await runProgram(binary('tsc'), ['-p', '.'], { cwd: project })
    const errors = stdout.split('\n').filter((line) => line.includes('error'))
    expect(errors).toEqual([expect.stringMatching(/program\.ts.*'string \| undefined'.*'number'/)])
  })

  it('has the command', async () => {
    expect(await patchbay('version')).toBe(
      `patchbay ${manifest().string('version')} (Node ${process.versions.node})\n`,
    )
    const report = ObjectReader.of(parseJson(await patchbay('doctor', '--json')), 'doctor')
    expect(report.items('checks').length).toBeGreaterThan(4)
    expect(existsSync(join(project, 'node_modules', '.bin', 'patchbay'))).toBe(true)
  })

  it('serves', async () => {
    const running = start(['serve', '--port', '0', '--no-detect', '--json'], {
      program: COMMAND,
      cwd: project,
      env: { PATCHBAY_HOME: join(folder, 'served') },
    })
    const printed = await running.printed('stdout', /\n/)
    const url = ObjectReader.of(parseJson(printed), 'serve').string('url')
    const response = await fetch(`${url}/api/version`)
    running.signal('SIGTERM')
    expect(response.status).toBe(200)
    expect(await running.ended).toMatchObject({ code: 0 })
  })
})

const { value: real, reason: unreal } = await realModel()

describe.skipIf(installed === undefined || real === undefined)(
  `the embedded model of the installed package (${reason ?? unreal ?? 'present'})`,
  () => {
    it('answers from a worker of the built code', async () => {
      const home = join(folder, 'model')
      mkdirSync(home)
      for (const name of ['engine', 'models']) {
        symlinkSync(join(real?.dataDir ?? '', name), join(home, name))
      }
      const code = `
        import { ProviderManager } from 'patchbay'
        const manager = new ProviderManager()
        manager.registerProvider({ providerType: 'local', name: 'local' })
        const options = { systemPrompt: 'You are kind.', maxTokens: 12, temperature: 0 }
        const { content, tokensUsed } = await manager.chat('Say hello.', options)
        await manager.closeAll()
        console.log(JSON.stringify({ content, tokensUsed }))
      `
      const answer = ObjectReader.of(parseJson(await node(code, { PATCHBAY_HOME: home })), 'answer')
      expect(answer.string('content')).toMatch(/\w/)
      expect(answer.number('tokensUsed')).toBeGreaterThan(12)
    })
  },
)
