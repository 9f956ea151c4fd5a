// Azure OpenAI: one resource's own address, a key header of its own, and OpenAI's models under the names of deployments.
import type { CatalogRow } from './catalog-row.ts'
import { openaiModels } from './openai.ts'

/**
 * A base URL without a path leads to the v1 surface, which names the deployment in `model`. One with a path is taken as it
 * stands: `/openai/deployments/<name>` with `settings.query: {api-version: ...}`, or a resource's `/models`.
 */
export const azure: CatalogRow = {
  type: 'azure',
  title: 'Azure OpenAI',
  ...openaiModels.chat,
  basePath: '/openai/v1',
  baseUrlExample: 'https://my-resource.openai.azure.com',
  baseUrlVariable: 'AZURE_OPENAI_ENDPOINT',
  auth: 'api-key',
  locality: 'cloud',
  keyRequired: true,
  keyVariable: 'AZURE_OPENAI_API_KEY',
  otherProtocols: [openaiModels.responses],
}
