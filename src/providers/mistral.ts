// Mistral: where it is, and which of its model families differ from the rest.
import { mistralChat } from '../dialects/mistral-chat/dialect.ts'
import type { CatalogRow } from './catalog-row.ts'

export const mistral: CatalogRow = {
  type: 'mistral',
  title: 'Mistral',
  dialect: mistralChat,
  baseUrl: 'https://api.mistral.ai/v1',
  auth: 'bearer',
  locality: 'cloud',
  keyRequired: true,
  keyVariable: 'MISTRAL_API_KEY',
  // Most models do not think, and refuse to be told how much.
  flags: { reasoningControl: 'none' },
  families: [
    { pattern: /^magistral-/, flags: { reasoningControl: 'prompt_mode' } },
    {
      pattern: /^mistral-(?:small-latest|medium-3[.-]5)/,
      flags: { reasoningControl: 'reasoning_effort' },
    },
    // The first open models keep to a template in which the user never speaks right after a tool.
    { pattern: /^open-mi[sx]/, flags: { userAfterTool: false } },
    // Models of other makers have ids of their own.
    { pattern: /^zai-/, flags: { toolIds: 'any' } },
  ],
}
