// Processes pinned to a core each: those that are measured on one, those that measure on the other.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpus } from 'node:os'
import { createInterface } from 'node:readline'

/** The core of what is measured, and that of the load and the upstream. With one core there is nothing to pin. */
const CORES = cpus().length > 1 ? { gateway: '1', load: '0' } : undefined

export type Place = 'gateway' | 'load'

export interface Command {
  readonly program: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
}

function pinned(place: Place, { program, args }: Command): readonly [string, string[]] {
  if (CORES === undefined) return [program, [...args]]
  return ['taskset', ['-c', CORES[place], program, ...args]]
}

export interface Running {
  readonly pid: number
  /** Resolves with the first line on its output that the test takes. */
  readonly line: (test: (line: string) => boolean) => Promise<string>
  readonly stop: () => Promise<void>
  /** Asks until it answers; throws with what it said last where it ends before. */
  readonly ready: (url: string, patienceMs?: number) => Promise<number>
}

export function start(place: Place, command: Command): Running {
  const [program, args] = pinned(place, command)
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...command.env },
    ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
  })
  const said: string[] = []
  const listeners = new Set<(line: string) => void>()
  const hear = (line: string): void => {
    if (said.length < 100) said.push(line)
    for (const listener of listeners) listener(line)
  }
  createInterface(child.stdout).on('line', hear)
  createInterface(child.stderr).on('line', hear)
  return {
    pid: child.pid ?? 0,
    line: (test) =>
      new Promise((resolve, reject) => {
        const known = said.find((line) => test(line))
        if (known !== undefined) return resolve(known)
        const listener = (line: string): void => {
          if (!test(line)) return
          listeners.delete(listener)
          resolve(line)
        }
        listeners.add(listener)
        child.once('error', reject)
        child.once('exit', (code) =>
          reject(new Error(`${command.program} ended with ${code}: ${said.slice(-5).join(' | ')}`)),
        )
      }),
    stop: async () => stopped(child),
    ready: async (url, patienceMs) => {
      const ended = once(child, 'exit').then(([code]) => {
        throw new Error(`${command.program} ended with ${code}: ${said.slice(-5).join(' | ')}`)
      })
      return Promise.race([answers(url, patienceMs), ended])
    },
  }
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 5000)
  await ended
  clearTimeout(timer)
}

/** Runs a program to its end and gives what it printed. */
export async function run(place: Place, command: Command): Promise<string> {
  const [program, args] = pinned(place, command)
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...command.env },
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${command.program} ended with ${String(code)}`)
  return output
}

/** A Node program of the benchmark's own that prints its port. */
export async function startNode(
  place: Place,
  path: string,
  args: readonly string[] = [],
): Promise<Running & { readonly port: number }> {
  const running = start(place, { program: process.execPath, args: [path, ...args] })
  const port = Number(await running.line((line) => /^\d+$/.test(line)))
  return { ...running, port }
}

export async function freePort(): Promise<number> {
  const { createServer } = await import('node:net')
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** Asks until it answers with 200. Milliseconds that it took. */
async function answers(url: string, patienceMs: number = 60_000): Promise<number> {
  const { request } = await import('undici')
  const startedAt = performance.now()
  for (;;) {
    try {
      const { statusCode, body } = await request(url)
      await body.dump()
      if (statusCode < 500) return performance.now() - startedAt
    } catch {
      // Nobody listens yet.
    }
    if (performance.now() - startedAt > patienceMs) throw new Error(`${url} does not answer`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
