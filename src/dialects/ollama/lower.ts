// Makes any request sayable to Ollama.
import type { Dialect } from '../dialect.ts'

export const lower: Dialect['lower'] = (request) => ({ value: request, notes: [] })
