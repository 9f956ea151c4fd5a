// Runs the `patchbay` command in tests: in this process with streams of its own, or as a program.
import { spawn } from 'node:child_process'
import { PassThrough, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { main } from '../src/cli/program.ts'
import type { Terminal } from '../src/cli/terminal.ts'
import { assertNothingSaid } from './said-secrets.ts'
import { type Json, parseJson } from '../src/wire/json.ts'

export interface RunOptions {
  /** Nothing else is in the environment. */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd: string
  /** What is piped in; absent: nothing, but not a terminal either. */
  readonly stdin?: string
}

export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** The JSON on stdout, which must be all that is there. */
export function jsonOf(outcome: Outcome): Json {
  return parseJson(outcome.stdout)
}

/** Collects what is written. */
export class Sink extends Writable {
  text = ''
  readonly isTTY: boolean

  constructor(isTTY: boolean) {
    super({ decodeStrings: false })
    this.isTTY = isTTY
  }

  override _write(chunk: unknown, _encoding: BufferEncoding, done: () => void): void {
    this.text += String(chunk)
    done()
    this.emit('text')
  }
}

/** A person's end of a terminal: keys in, screen out. */
export class FakeTerminal {
  readonly stdin: PassThrough & { readonly isTTY: true } = Object.assign(new PassThrough(), {
    isTTY: true as const,
  })
  readonly stdout: Sink = new Sink(true)
  readonly stderr: Sink = new Sink(true)

  terminal({ env = {}, cwd }: RunOptions): Terminal {
    const { stdin, stdout, stderr } = this
    return { env, cwd, home: cwd, stdin, stdout, stderr }
  }

  /** Resolves once the screen shows the text `times` times. */
  async shows(text: string, times: number = 1): Promise<void> {
    while (this.stdout.text.split(text).length <= times) {
      await new Promise((resolve) => this.stdout.once('text', resolve))
    }
  }
}

/** Runs a command line in this process. */
export async function run(argv: readonly string[], options: RunOptions): Promise<Outcome> {
  const { env = {}, cwd, stdin = '' } = options
  const input = new PassThrough()
  input.end(stdin)
  const stdout = new Sink(false)
  const stderr = new Sink(false)
  const code = await main(argv, { env, cwd, home: cwd, stdin: input, stdout, stderr })
  assertNothingSaid(`patchbay ${argv.join(' ')}`, [stdout.text, stderr.text], env)
  return { code, stdout: stdout.text, stderr: stderr.text }
}

const PROGRAM = fileURLToPath(new URL('../bin/patchbay.js', import.meta.url))

export interface Running {
  readonly pid: number
  /** Resolves with everything on that stream so far, once it matches. */
  readonly printed: (stream: 'stdout' | 'stderr', pattern: RegExp) => Promise<string>
  readonly signal: (name: NodeJS.Signals) => void
  readonly ended: Promise<Outcome>
}

export interface StartOptions extends RunOptions {
  /** Default: that of this checkout. */
  readonly program?: string
}

/** Starts it as a program of its own. */
export function start(argv: readonly string[], options: StartOptions): Running {
  const child = spawn(process.execPath, [options.program ?? PROGRAM, ...argv], {
    cwd: options.cwd,
    env: { PATH: process.env['PATH'], HOME: options.cwd, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const texts = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      texts[name] += chunk
    })
  }
  child.stdin.end(options.stdin ?? '')
  const { promise: ended, resolve, reject } = Promise.withResolvers<Outcome>()
  child.once('close', (code) => {
    try {
      assertNothingSaid(`patchbay ${argv.join(' ')}`, Object.values(texts), options.env ?? {})
      resolve({ code: code ?? -1, ...texts })
    } catch (leak) {
      reject(leak)
    }
  })
  const printed = async (stream: 'stdout' | 'stderr', pattern: RegExp): Promise<string> => {
    while (!pattern.test(texts[stream])) {
      const next = await Promise.race([
        new Promise<'more'>((more) => child[stream].once('data', () => more('more'))),
        ended,
      ])
      if (next !== 'more' && !pattern.test(texts[stream])) {
        throw new Error(`It ended without printing ${pattern}: ${next.stderr}`)
      }
    }
    return texts[stream]
  }
  return { pid: child.pid ?? -1, printed, signal: (name) => child.kill(name), ended }
}
