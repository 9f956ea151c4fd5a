// What goes in and out of a command.
import { PassThrough, Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { Sink } from '../../test/run-patchbay.ts'
import { main } from './program.ts'
import { type Terminal, pipedText, table } from './terminal.ts'

function terminal(
  stdin: Terminal['stdin'],
  stdout: Terminal['stdout'] = new Sink(false),
): Terminal {
  return { env: {}, cwd: '/', home: '/', stdin, stdout, stderr: new Sink(false) }
}

describe('table', () => {
  it('aligns columns and leaves no blanks at the ends of lines', () => {
    const rows = [
      ['NAME', 'X', 'Y'],
      ['a', 'long', ''],
      ['longer', '', 'z'],
    ]
    expect(table(rows)).toBe('NAME    X     Y\na       long\nlonger        z')
  })

  it('of nothing is nothing', () => {
    expect(table([])).toBe('')
  })
})

describe('pipedText', () => {
  it('joins what comes in pieces, in the middle of a character too', async () => {
    const stdin = new PassThrough()
    const bytes = Buffer.from('  grüß dich\n')
    for (const byte of bytes) stdin.write(Buffer.from([byte]))
    stdin.end()
    expect(await pipedText(terminal(stdin))).toBe('grüß dich')
  })

  it('is nothing for an empty pipe', async () => {
    const stdin = new PassThrough()
    stdin.end(' \n')
    expect(await pipedText(terminal(stdin))).toBeUndefined()
  })

  it('does not wait for a person', async () => {
    const stdin = Object.assign(new PassThrough(), { isTTY: true })
    expect(await pipedText(terminal(stdin))).toBeUndefined()
  })
})

describe('a reader that leaves early', () => {
  it('is no failure', async () => {
    const stdout = new Writable({
      write: (_chunk, _encoding, done) => {
        done(Object.assign(new Error('closed'), { code: 'EPIPE' }))
      },
    })
    const stdin = new PassThrough()
    stdin.end()
    expect(await main(['version'], terminal(stdin, stdout))).toBe(0)
  })
})
