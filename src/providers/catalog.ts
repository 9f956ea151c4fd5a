// The provider types that are only data, one row each.
import type { CatalogRow } from './catalog-row.ts'

export const catalog: readonly CatalogRow[] = []
