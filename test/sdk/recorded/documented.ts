// What docs/matrix.md says of one thing that is answered, for a client's protocol and a provider's: the only excuse that a client has.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Exact, in part, not at all, or nothing that this provider's protocol could say. */
export type Sign = '●' | '◐' | '○' | '–'

/** As the page calls them. */
const TITLES: Readonly<Record<string, string>> = {
  'openai-chat': 'Chat Completions',
  'openai-responses': 'Responses',
  'anthropic-messages': 'Messages',
  gemini: 'Gemini',
  'mistral-chat': 'Mistral',
  ollama: 'Ollama',
}

const SIGNS: readonly Sign[] = ['●', '◐', '○', '–']

const page = readFileSync(join(import.meta.dirname, '../../../docs/matrix.md'), 'utf8')

/** `feature` is a row of the page. */
export function documented(client: string, provider: string, feature: string): Sign {
  const section = page
    .split(/^## /m)
    .find((part) => part.startsWith(`Clients of ${TITLES[client]}\n`))
  const rows = (section ?? '').split('\n').map((line) => line.split('|').map((cell) => cell.trim()))
  const column = rows.find((cells) => cells[1] === 'feature')?.indexOf(TITLES[provider] ?? '') ?? -1
  const cell = rows.find((cells) => cells[1] === feature)?.[column] ?? ''
  const sign = SIGNS.find((one) => cell.startsWith(one))
  if (sign === undefined)
    throw new Error(`docs/matrix.md has no ${feature}, ${client}, ${provider}`)
  return sign
}
