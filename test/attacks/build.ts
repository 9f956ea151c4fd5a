// A build under attack: its source, its modules, and the processes that run it.
import { pathToFileURL } from 'node:url'
import { join } from 'node:path'
import { type Outcome, type RunOptions, start } from '../run-patchbay.ts'
import { Stand, type StandSetup } from './stand.ts'
import type { Tree } from './tree.ts'

export class Build {
  readonly root: string
  readonly #tree: Tree
  #shared: Promise<Stand> | undefined
  readonly #own: Stand[] = []

  constructor(tree: Tree) {
    this.#tree = tree
    this.root = tree.root
  }

  /** A module of this build: `server/tokens.ts`. Give its type as `typeof` of a type-only import. */
  async load<Module>(path: string): Promise<Module> {
    const module: Module = await import(pathToFileURL(join(this.root, 'src', path)).href)
    return module
  }

  /** The server that attacks share which leave it as it was; it starts at the first use. */
  async server(): Promise<Stand> {
    this.#shared ??= Stand.open(this.root)
    return this.#shared
  }

  /** A server for one attack alone; it ends with the attack. */
  async start(setup: StandSetup = {}): Promise<Stand> {
    const stand = await Stand.open(this.root, setup)
    this.#own.push(stand)
    return stand
  }

  /** Runs the command to its end, as a program. */
  async command(argv: readonly string[], options: RunOptions): Promise<Outcome> {
    return start(argv, { ...options, program: join(this.root, 'bin', 'patchbay.js') }).ended
  }

  /** What must hold after every attack, whatever it was. */
  async assertUnharmed(): Promise<void> {
    const shared = await this.#shared
    for (const stand of [...this.#own, ...(shared === undefined ? [] : [shared])]) {
      await stand.assertUnharmed()
    }
  }

  async closeOwn(): Promise<void> {
    for (const stand of this.#own.splice(0)) await stand.close()
  }

  async close(): Promise<void> {
    await this.closeOwn()
    await (await this.#shared)?.close()
    this.#tree.remove()
  }
}
