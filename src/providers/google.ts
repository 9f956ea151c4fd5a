// Google's developer API of Gemini: where it is, and how it takes a key. Its model generations are known to the dialect.
import { gemini } from '../dialects/gemini/dialect.ts'
import type { CatalogRow } from './catalog-row.ts'

export const google: CatalogRow = {
  type: 'google',
  title: 'Google Gemini',
  dialect: gemini,
  counts: true,
  baseUrl: 'https://generativelanguage.googleapis.com/v1beta',
  auth: 'x-goog-api-key',
  locality: 'cloud',
  keyRequired: true,
  keyVariable: 'GEMINI_API_KEY',
  otherKeyVariables: ['GOOGLE_API_KEY'],
}
