// A real Redis on a free port of this machine, for one test file.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type RealPart, realPart } from './cache.ts'
import { freePort } from './free-port.ts'

export interface RedisServer {
  readonly url: string
  /** Ends it at once, as a crash would: what it knew is gone. */
  kill(): Promise<void>
  /** Starts it again, empty, on the same port. */
  start(): Promise<void>
  /** Holds it still, as a machine that hangs would. */
  freeze(): void
  thaw(): void
  close(): Promise<void>
}

/** Debian's `redis-server`, or why there is none. */
export async function redisServer(): Promise<RealPart<RedisServer>> {
  return realPart(async () => {
    const port = await freePort()
    const folder = mkdtempSync(join(tmpdir(), 'patchbay-redis-'))
    let running = await started(port, folder)
    const kill = async (): Promise<void> => {
      const ended = new Promise<void>((resolve) => {
        running.once('exit', () => resolve())
      })
      running.kill('SIGKILL')
      await ended
    }
    return {
      url: `redis://127.0.0.1:${port}`,
      kill,
      start: async () => {
        running = await started(port, folder)
      },
      freeze: () => void running.kill('SIGSTOP'),
      thaw: () => void running.kill('SIGCONT'),
      close: async () => {
        if (running.exitCode === null && running.signalCode === null) await kill()
        rmSync(folder, { recursive: true })
      },
    }
  })
}

async function started(port: number, folder: string): Promise<ChildProcess> {
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder]
  const server = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'ignore'] })
  await new Promise<void>((resolve, reject) => {
    server.once('error', () =>
      reject(new Error('redis-server is not installed (Debian: apt-get install redis-server)')),
    )
    server.once('exit', (code) => reject(new Error(`redis-server ended with code ${code}`)))
    createInterface(server.stdout).on('line', (line) => {
      if (line.includes('Ready to accept connections')) resolve()
    })
  })
  return server
}
