// How a download is shown.
import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { Sink } from '../../test/run-patchbay.ts'
import { Progress } from './progress.ts'

function shown(isTTY: boolean, use: (progress: Progress) => void): string {
  const stderr = new Sink(isTTY)
  const stdin = new PassThrough()
  use(new Progress({ env: {}, cwd: '/', home: '/', stdin, stdout: new Sink(false), stderr }))
  return stderr.text
}

describe('at a terminal', () => {
  it('redraws one line and leaves it standing at the end', () => {
    const text = shown(true, (progress) => {
      progress.show({ label: 'model', receivedBytes: 0, totalBytes: 98_000_000 })
      progress.show({ label: 'model', receivedBytes: 49_000_000, totalBytes: 98_000_000 })
      progress.end()
    })
    expect(text.split('\r\u001B[K')).toEqual([
      '',
      'model  [........................]   0 %  0.0 of 98.0 MB',
      'model  [############............]  50 %  49.0 of 98.0 MB\n',
    ])
  })

  it('draws nothing twice', () => {
    const text = shown(true, (progress) => {
      progress.show({ label: 'model', receivedBytes: 10, totalBytes: 98_000_000 })
      progress.show({ label: 'model', receivedBytes: 20, totalBytes: 98_000_000 })
    })
    expect(text.match(/model/g)).toHaveLength(1)
  })

  it('begins a new line for another thing, and shows only bytes where no total is known', () => {
    const text = shown(true, (progress) => {
      progress.show({ label: 'engine', receivedBytes: 0 })
      progress.show({ label: 'engine', receivedBytes: 1_500_000 })
      progress.show({ label: 'model', receivedBytes: 0, totalBytes: 10 })
    })
    expect(text).toContain('\r\u001B[Kengine...\r\u001B[Kengine  1.5 MB\n')
  })
})

describe('without a terminal', () => {
  it('prints a plain line each ten percent', () => {
    const text = shown(false, (progress) => {
      for (let percent = 0; percent <= 100; percent += 1) {
        progress.show({ label: 'model', receivedBytes: percent * 1e6, totalBytes: 1e8 })
      }
      progress.end()
    })
    const lines = text.trimEnd().split('\n')
    expect(lines).toHaveLength(11)
    expect(lines[0]).toBe('model 0 % (0.0 of 100.0 MB)')
    expect(lines[10]).toBe('model 100 % (100.0 of 100.0 MB)')
    expect(text).not.toContain('\r')
  })

  it('prints one line where no total is known', () => {
    const text = shown(false, (progress) => {
      progress.show({ label: 'engine', receivedBytes: 1 })
      progress.show({ label: 'engine', receivedBytes: 2 })
    })
    expect(text).toBe('engine...\n')
  })
})
