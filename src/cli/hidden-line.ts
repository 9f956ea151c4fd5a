// Asks for a line at the terminal without showing it: a passphrase, a recovery code.
import type { Terminal } from './terminal.ts'

const ENTER: ReadonlySet<string> = new Set(['\r', '\n', '\u0004'])
const ERASE: ReadonlySet<string> = new Set(['\u007f', '\b'])
const INTERRUPT = '\u0003'

/** Undefined where the person gave up. The question goes to stderr: stdout is for what was asked for. */
export async function hiddenLine(
  { stdin, stderr }: Pick<Terminal, 'stdin' | 'stderr'>,
  question: string,
): Promise<string | undefined> {
  stderr.write(question)
  setRaw(stdin, 'on')
  try {
    return await lineOf(stdin)
  } finally {
    setRaw(stdin, 'off')
    stdin.pause()
    stderr.write('\n')
  }
}

function lineOf(stdin: Terminal['stdin']): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  let line = ''
  const end = (result: string | undefined): void => {
    stdin.off('data', take)
    stdin.off('end', leave)
    resolve(result)
  }
  const leave = (): void => end(undefined)
  const take = (chunk: Buffer): void => {
    for (const letter of chunk.toString('utf8')) {
      if (letter === INTERRUPT) return end(undefined)
      if (ENTER.has(letter)) return end(line)
      line = ERASE.has(letter) ? line.slice(0, -1) : line + letter
    }
  }
  stdin.on('data', take).once('end', leave)
  stdin.resume()
  return promise
}

/** A terminal shows what is typed unless it is told to pass every key on. */
function setRaw(stdin: object, mode: 'on' | 'off'): void {
  const set: unknown = Reflect.get(stdin, 'setRawMode')
  if (typeof set === 'function') Reflect.apply(set, stdin, [mode === 'on'])
}
