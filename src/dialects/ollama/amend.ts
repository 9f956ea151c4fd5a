// Refusals of an Ollama server that tell whether, and how, its model thinks.
import type { Amend } from '../amendment.ts'
import { DIALECT } from './wire-types.ts'

/** Ollama's own clients asked in its own words, and hear its refusal. */
export const amend: Amend = ({ message }, { origin }) => {
  if (origin.dialect === DIALECT) return undefined
  // server/routes.go: `"gemma3" does not support thinking`.
  if (message.includes('does not support thinking')) {
    return { flags: { thinking: false }, notes: [] }
  }
  // `think value "medium" is not supported for this model`
  if (message.startsWith('think value ') && message.includes('is not supported for this model')) {
    return { flags: { thinkLevels: false }, notes: [] }
  }
  return undefined
}
