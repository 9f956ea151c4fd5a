// A socket in the file system: whose it is, and what it answers.
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { askLocally, listenLocally } from './local-socket.ts'

const folder = mkdtempSync(join(tmpdir(), 'patchbay-socket-'))
afterAll(() => rmSync(folder, { recursive: true }))

it.skipIf(process.platform === 'win32')(
  'stands in a folder that may not have been there, both for its owner alone, and answers what is asked',
  async () => {
    const path = join(folder, 'data', 'vault.sock')
    const server = await listenLocally(path, async (asked) => ({ asked }))
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(statSync(join(folder, 'data')).mode & 0o777).toBe(0o700)
    expect(await askLocally(path, 'who')).toEqual({ asked: 'who' })
    await server.close()
  },
)
