// One process at a time: a lock file that names its holder, so that the lock of a dead process is taken over.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const POLL_MS = 200

export interface LockOptions {
  readonly path: string
  readonly signal: AbortSignal
  /** How to wait between two looks at a held lock. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>
  /** Whether the process of that id lives. */
  readonly isAlive?: (pid: number) => boolean
}

/**
 * Runs the work while holding the lock, and waits for it as long as its holder lives.
 * Two processes that take over the same dead lock in the same moment may both get in: what they make
 * is renamed into place whole, so the second one only does the work again.
 */
export async function withLock<T>(options: LockOptions, work: () => Promise<T>): Promise<T> {
  const { path, signal, wait = pause, isAlive = processIsAlive } = options
  await mkdir(dirname(path), { recursive: true })
  while (!(await taken(path))) {
    signal.throwIfAborted()
    const holder = await holderOf(path)
    if (holder !== undefined && !isAlive(holder)) await rm(path, { force: true })
    else await wait(POLL_MS, signal)
  }
  try {
    return await work()
  } finally {
    await rm(path, { force: true })
  }
}

async function taken(path: string): Promise<boolean> {
  try {
    await writeFile(path, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

/** Undefined when the file has just gone, or has not been written yet. */
async function holderOf(path: string): Promise<number | undefined> {
  try {
    const pid = Number.parseInt(await readFile(path, 'utf8'), 10)
    return Number.isNaN(pid) ? undefined : pid
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

function processIsAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal })
}

/** The system's own word for a failure, such as `ENOENT`. */
function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined
}
