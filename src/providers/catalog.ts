// The provider types that are only data, one row each.
import { anthropic } from './anthropic.ts'
import { azure } from './azure.ts'
import type { CatalogRow } from './catalog-row.ts'
import { google } from './google.ts'
import { localHosts } from './local-hosts.ts'
import { mistral } from './mistral.ts'
import { modelHosts } from './model-hosts.ts'
import { modelMakers } from './model-makers.ts'
import { ollama } from './ollama.ts'
import { openai } from './openai.ts'

export const catalog: readonly CatalogRow[] = [
  ollama,
  openai,
  anthropic,
  google,
  mistral,
  azure,
  ...modelMakers,
  ...modelHosts,
  ...localHosts,
]

/** The row of a type; undefined for `custom`, `local` and registered types. */
export function catalogRow(type: string): CatalogRow | undefined {
  return catalog.find((row) => row.type === type)
}
