// Runs a program to its end in tests.
import { spawn } from 'node:child_process'

export interface ProgramOptions {
  readonly cwd: string
  /** Added to the least that programs need. */
  readonly env?: Readonly<Record<string, string>>
}

export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** What a child may know of this process: where programs are, and how npm reaches its registry. */
function plainEnvironment(): Record<string, string> {
  const { PATH = '', HOME = '' } = process.env
  const npm = Object.entries(process.env).filter(([name]) =>
    /^npm_config_(?:registry|cache|userconfig|cafile|proxy|https_proxy)$/i.test(name),
  )
  return { PATH, HOME, ...Object.fromEntries(npm.map(([name, value]) => [name, value ?? ''])) }
}

export async function runProgram(
  program: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<Outcome> {
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...plainEnvironment(), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const texts = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      texts[name] += chunk
    })
  }
  const { promise, resolve, reject } = Promise.withResolvers<Outcome>()
  child.once('error', reject)
  child.once('close', (code) => resolve({ code: code ?? -1, ...texts }))
  return promise
}

/** As runProgram; throws with everything it printed when it fails. */
export async function mustRun(
  program: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<string> {
  const { code, stdout, stderr } = await runProgram(program, args, options)
  if (code === 0) return stdout
  throw new Error(`${program} ${args.join(' ')} ended with ${code}\n${stdout}${stderr}`)
}
