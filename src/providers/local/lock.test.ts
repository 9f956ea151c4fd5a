// The lock: one holder at a time, and no waiting for the dead.
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { withLock } from './lock.ts'

const DEAD = 999_999_999
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchbay-lock-'))
})
afterEach(async () => rm(folder, { recursive: true }))

async function wait(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve)
  })
}

const never = new AbortController().signal

describe('withLock', () => {
  it('names its holder while it is held, and is gone afterwards', async () => {
    const path = join(folder, 'deep', 'lock')
    const held = await withLock({ path, signal: never }, async () => readFile(path, 'utf8'))
    expect(held).toBe(String(process.pid))
    await expect(stat(path)).rejects.toThrow('ENOENT')
  })

  it('is gone after work that fails', async () => {
    const path = join(folder, 'lock')
    const failing = withLock({ path, signal: never }, () => Promise.reject(new Error('no luck')))
    await expect(failing).rejects.toThrow('no luck')
    await expect(stat(path)).rejects.toThrow('ENOENT')
  })

  it('lets one in at a time', async () => {
    const path = join(folder, 'lock')
    const log: string[] = []
    const work = (name: string) => async (): Promise<void> => {
      log.push(`${name} in`)
      await wait()
      await wait()
      log.push(`${name} out`)
    }
    await Promise.all(
      ['a', 'b', 'c'].map(async (name) => withLock({ path, signal: never, wait }, work(name))),
    )
    expect(log).toHaveLength(6)
    for (let at = 0; at < log.length; at += 2) {
      expect(log[at + 1]).toBe(log[at]?.replace(' in', ' out'))
    }
  })

  it('takes over the lock of a process that is dead', async () => {
    const path = join(folder, 'lock')
    await writeFile(path, String(DEAD))
    const done = await withLock(
      { path, signal: never, isAlive: (pid) => pid !== DEAD },
      async () => 'done',
    )
    expect(done).toBe('done')
  })

  it('stops waiting when nobody wants the work any more', async () => {
    const path = join(folder, 'lock')
    await writeFile(path, String(process.pid))
    const leave = new AbortController()
    const waiting = withLock({ path, signal: leave.signal }, async () => 'done')
    leave.abort(new Error('gone'))
    await expect(waiting).rejects.toThrow(/gone|abort/)
    expect(await readFile(path, 'utf8')).toBe(String(process.pid))
  })
})
