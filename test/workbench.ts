// A project of a user, in a temporary folder, where `patchbay` is the source of this checkout: examples are checked and run in it.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JsonObject } from '../src/wire/json.ts'
import { type Example, fileNameOf } from './documentation.ts'
import { ROOT, binary, manifest } from './packed.ts'
import { type Outcome, runProgram } from './program.ts'

export class Workbench {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'patchbay-docs-'))

  constructor() {
    this.#installPatchbay()
    this.#install(join(ROOT, 'node_modules'), ['@types'])
    const clients = ['@anthropic-ai', '@google', '@mistralai', 'openai', 'ollama']
    this.#install(join(ROOT, 'test', 'node_modules'), clients)
    this.#write('package.json', JSON.stringify({ name: 'example', private: true, type: 'module' }))
    this.#write('tsconfig.json', JSON.stringify(TSCONFIG))
  }

  /** Puts an example into a file; gives the file's name. Server and data folder of this run stand in for the usual ones. */
  add(example: Example, url: string = 'http://127.0.0.1:8787'): string {
    const page = example.page.replaceAll(/\W+/g, '-')
    const name = fileNameOf(example) ?? `${page}-${example.line}.${example.language}`
    this.#write(name, example.text.replaceAll('http://127.0.0.1:8787', url))
    return name
  }

  /** The type checker's complaints about all examples; empty when there are none. */
  async typeErrors(): Promise<string> {
    const { stdout, stderr } = await runProgram(binary('tsc'), ['-p', '.'], { cwd: this.folder })
    return stdout + stderr
  }

  async run(name: string, env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
    return runProgram(process.execPath, [name], { cwd: this.folder, env })
  }

  /** A line of a shell, with `npx patchbay` as this checkout's own command. */
  async shell(line: string, env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
    const own = `"${process.execPath}" "${join(ROOT, 'bin', 'patchbay.js')}"`
    const command = line.replaceAll(/\b(?:npx )?patchbay (?=[a-z])/g, `${own} `)
    return runProgram('bash', ['-euo', 'pipefail', '-c', command], { cwd: this.folder, env })
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** The package's own exports, each with the source that its built file comes from. */
  #installPatchbay(): void {
    const built = manifest().object('exports')
    const places = Object.keys(built.source).filter((place) => !place.endsWith('.json'))
    const exports: JsonObject = Object.fromEntries(
      places.map((place) => [place, sourceOf(built.object(place).string('default'))]),
    )
    const folder = join('node_modules', 'patchbay')
    this.#write(
      join(folder, 'package.json'),
      JSON.stringify({ name: 'patchbay', exports, type: 'module' }),
    )
    symlinkSync(join(ROOT, 'src'), join(this.folder, folder, 'src'))
  }

  #install(from: string, names: readonly string[]): void {
    for (const name of names) {
      symlinkSync(join(from, name), join(this.folder, 'node_modules', name))
    }
  }

  #write(name: string, text: string): void {
    const path = join(this.folder, name)
    mkdirSync(join(path, '..'), { recursive: true })
    writeFileSync(path, text)
  }
}

function sourceOf(built: string): string {
  return built.replace('./dist/', './src/').replace(/\.js$/, '.ts')
}

/** As strict as this project itself, but for what only matters to who publishes types. */
const TSCONFIG: JsonObject = {
  extends: join(ROOT, 'tsconfig.json'),
  compilerOptions: { isolatedDeclarations: false, declaration: false },
  include: ['*.ts'],
}
