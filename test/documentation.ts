// The pages of the documentation as tests see them: their code blocks, and what each example promises to print.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './packed.ts'

/** One fenced block of a page. */
export interface Example {
  readonly page: string
  /** Where it starts, counted from 1. */
  readonly line: number
  readonly language: string
  readonly text: string
}

/** All blocks of a page, in order. */
export function examplesOf(page: string): readonly Example[] {
  const text = readFileSync(join(ROOT, page), 'utf8')
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map((match) => ({
    page,
    line: text.slice(0, match.index).split('\n').length,
    language: match[1] ?? '',
    text: match[2] ?? '',
  }))
}

/** `page:line`, for the names of tests. */
export function placeOf({ page, line }: Example): string {
  return `${page}:${line}`
}

/** The comments behind `console.log(...)`: what each of them prints. */
export function promisedLines({ text }: Example): readonly string[] {
  return [...text.matchAll(/^.*console\.log\(.*\) \/\/ (.+)$/gm)].map((match) => match[1] ?? '')
}

/** The name of the file that a block is to be kept in: `// name.ts` or `# name.yaml` as its first line. */
export function fileNameOf({ text }: Example): string | undefined {
  return /^(?:\/\/|#) ([\w.-]+\.\w+)\n/.exec(text)?.[1]
}

/** One shell command a line, continued lines joined, comments left out. */
export function commandsOf({ text }: Example): readonly string[] {
  return text
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.replace(/\s+# .*$/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
}
