// Runs another program to its end.
import { spawn } from 'node:child_process'

export interface Command {
  readonly program: string
  readonly args: readonly string[]
  readonly cwd?: string
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

export interface Outcome {
  /** Undefined when the program could not be started at all. */
  readonly code: number | undefined
  /** The end of what it printed, on both streams. */
  readonly output: string
}

export type RunCommand = (command: Command) => Promise<Outcome>

const KEPT_OUTPUT = 4000

/** Resolves whatever the exit code; rejects only when the signal aborts, after the program has been ended. */
export const runCommand: RunCommand = (command) => {
  const { promise, resolve, reject } = Promise.withResolvers<Outcome>()
  const { program, args, cwd, env, signal } = command
  let output = ''
  const child = spawn(program, args, {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...process.env, ...env },
    signal,
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
    // npm is a .cmd file on Windows, which only a shell can start; no argument comes from outside.
    shell: process.platform === 'win32' && program.endsWith('.cmd'),
  })
  const keep = (chunk: string): void => {
    output = (output + chunk).slice(-KEPT_OUTPUT)
  }
  child.stdout.setEncoding('utf8').on('data', keep)
  child.stderr.setEncoding('utf8').on('data', keep)
  child.once('error', (error) => {
    if (signal.aborted) reject(error)
    else resolve({ code: undefined, output: error.message })
  })
  child.once('close', (code) => {
    if (signal.aborted) reject(signal.reason)
    else resolve({ code: code ?? -1, output })
  })
  return promise
}

/** The last line that says something, for an error message. */
export function lastLine(output: string): string {
  return output.trimEnd().split('\n').at(-1)?.trim() ?? ''
}
