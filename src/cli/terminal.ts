// What a command may touch of the world: its streams, environment and folder. Tests bring their own.
import { homedir } from 'node:os'
import type { Readable, Writable } from 'node:stream'
import type { Environment } from '../providers/local/data-folder.ts'
import type { Json } from '../wire/json.ts'

export interface Terminal {
  readonly env: Environment
  readonly cwd: string
  readonly home: string
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number }
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number }
}

export function processTerminal(): Terminal {
  const { env, stdin, stdout, stderr } = process
  return { env, cwd: process.cwd(), home: homedir(), stdin, stdout, stderr }
}

/** What was asked for: stdout. */
export function print(terminal: Terminal, text: string): void {
  terminal.stdout.write(`${text}\n`)
}

/** Everything said beside it: stderr. */
export function say(terminal: Terminal, text: string): void {
  terminal.stderr.write(`${text}\n`)
}

/** One JSON value on stdout, for `--json`. */
export function printJson(terminal: Terminal, value: Json): void {
  terminal.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`)
}

/** Rows in columns, the first row being their titles. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<readonly number[]>(
    (widest, row) => row.map((cell, at) => Math.max(cell.length, widest[at] ?? 0)),
    [],
  )
  return rows
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** All of stdin when something is piped in; undefined at a terminal. */
export async function pipedText(terminal: Terminal): Promise<string | undefined> {
  if (terminal.stdin.isTTY === true) return undefined
  const chunks: Buffer[] = []
  for await (const chunk of terminal.stdin) chunks.push(Buffer.from(chunk))
  const text = Buffer.concat(chunks).toString('utf8').trim()
  return text === '' ? undefined : text
}
