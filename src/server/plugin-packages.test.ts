// Plugin packages are found beside the configuration.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { packageResolver } from './plugin-packages.ts'

describe('packageResolver', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'patchbay-plugin-'))
    const own = join(folder, 'node_modules', 'my-provider')
    mkdirSync(own, { recursive: true })
    writeFileSync(join(own, 'package.json'), '{"name":"my-provider","main":"entry.js"}')
    writeFileSync(join(own, 'entry.js'), '')
  })
  afterEach(() => {
    rmSync(folder, { recursive: true })
  })

  it('finds a package that is installed beside the configuration', () => {
    const entry = join(folder, 'node_modules', 'my-provider', 'entry.js')
    expect(packageResolver(folder)('my-provider')).toBe(pathToFileURL(entry).href)
  })

  it('leaves a name that is not there to the usual search', () => {
    expect(packageResolver(folder)('no-such-provider')).toBe('no-such-provider')
  })
})
