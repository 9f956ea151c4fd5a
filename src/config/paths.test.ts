// The folders of each platform.
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { configCandidates, configFolder } from './paths.ts'

const linux = { home: '/home/ann', platform: 'linux' } as const
const windows = { home: '/ann', platform: 'win32' } as const

describe('configFolder', () => {
  it.each([
    [linux, {}, '/home/ann/.config/patchbay'],
    [linux, { XDG_CONFIG_HOME: '/x' }, '/x/patchbay'],
    [windows, { APPDATA: '/roaming' }, '/roaming/patchbay'],
    [windows, {}, '/ann/AppData/Roaming/patchbay'],
  ])('of %o with %o is %s', (machine, env, expected) => {
    expect(configFolder(env, machine)).toBe(join(expected))
  })

  it('is tried after the working folder', () => {
    expect(configCandidates({}, '/work', linux)).toEqual([
      join('/work', 'patchbay.yaml'),
      join('/home/ann/.config/patchbay/patchbay.yaml'),
    ])
  })
})
