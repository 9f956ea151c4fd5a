// Anthropic: where it is, and which of its model families differ from the rest.
import { anthropicMessages } from '../dialects/anthropic-messages/dialect.ts'
import type { CatalogRow } from './catalog-row.ts'

export const anthropic: CatalogRow = {
  type: 'anthropic',
  title: 'Anthropic',
  dialect: anthropicMessages,
  counts: true,
  baseUrl: 'https://api.anthropic.com',
  auth: 'x-api-key',
  locality: 'cloud',
  keyRequired: true,
  pings: true,
  keyVariable: 'ANTHROPIC_API_KEY',
}
