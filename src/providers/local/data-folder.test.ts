// The data folder of each platform.
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { dataFolder } from './data-folder.ts'

const linux = { home: '/home/ann', platform: 'linux' } as const
const mac = { home: '/Users/ann', platform: 'darwin' } as const
const windows = { home: '/ann', platform: 'win32' } as const

describe('dataFolder', () => {
  it('is PATCHBAY_HOME before all else, made absolute', () => {
    const env = { PATCHBAY_HOME: 'here', XDG_DATA_HOME: '/x' }
    expect(dataFolder(env, linux)).toBe(resolve('here'))
  })

  it('is a folder under XDG_DATA_HOME when that is set', () => {
    expect(dataFolder({ PATCHBAY_HOME: '', XDG_DATA_HOME: '/x' }, mac)).toBe(join('/x', 'patchbay'))
  })

  it.each([
    [linux, {}, '/home/ann/.local/share/patchbay'],
    [mac, {}, '/Users/ann/Library/Application Support/patchbay'],
    [windows, { LOCALAPPDATA: '/local' }, '/local/patchbay'],
    [windows, {}, '/ann/AppData/Local/patchbay'],
  ])("is the platform's own otherwise: %o %o", (machine, env, expected) => {
    expect(dataFolder(env, machine)).toBe(join(expected))
  })

  it('is somewhere on this machine without any help', () => {
    expect(dataFolder({})).toContain('patchbay')
  })
})
