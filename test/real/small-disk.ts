// A disk of its own that is small, and can be made read-only: a file system in memory, mounted for one test file.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RealPart, permittedPart } from './cache.ts'

export interface SmallDisk {
  readonly folder: string
  /** Nothing on it may be open for writing. */
  writable(is: 'yes' | 'no'): void
  close(): void
}

/** It takes the rights of root to mount one. */
export async function smallDisk(bytes: number): Promise<RealPart<SmallDisk>> {
  return permittedPart(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'patchbay-disk-'))
    mount('-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder)
    return {
      folder,
      writable: (is) => mount('-o', is === 'yes' ? 'remount,rw' : 'remount,ro', folder),
      close: () => {
        execFileSync('umount', [folder], { stdio: 'pipe' })
        rmdirSync(folder)
      },
    }
  })
}

function mount(...args: readonly string[]): void {
  try {
    execFileSync('mount', args, { stdio: 'pipe' })
  } catch (cause) {
    throw new Error('no disk can be mounted here (it takes root, on Linux)', { cause })
  }
}
