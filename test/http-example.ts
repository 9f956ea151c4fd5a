// Requests and answers as the guides show them: a head, headers, a blank line, a body.
import type { Example } from './documentation.ts'

export interface Shown {
  readonly head: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export function isAnswer(text: string): boolean {
  return text.startsWith('HTTP/1.1 ')
}

export function readExample({ text }: Pick<Example, 'text'>): Shown {
  const [top = '', ...rest] = text.split('\n\n')
  const [head = '', ...lines] = top.trim().split('\n')
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon), line.slice(colon + 1).trim()]
  })
  return { head, headers: Object.fromEntries(headers), body: rest.join('\n\n').trim() }
}
