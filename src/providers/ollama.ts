// Ollama, by its own protocol: on this machine unless its base URL says otherwise.
import { ollama as ollamaDialect } from '../dialects/ollama/dialect.ts'
import type { CatalogRow } from './catalog-row.ts'

export const ollama: CatalogRow = {
  type: 'ollama',
  title: 'Ollama',
  dialect: ollamaDialect,
  baseUrl: 'http://127.0.0.1:11434',
  auth: 'bearer',
  locality: 'local',
  families: [{ pattern: /^(?:.*\/)?gpt-oss/, flags: { thinkLevels: true } }],
}
