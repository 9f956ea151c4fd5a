// A schema's description, for targets that have it inside the schema only.
import type { Pass } from './pass.ts'
import { omit } from './rewrite.ts'

/** Moves it there; a schema that describes itself keeps its own words. */
export const describedSchema: Pass = (request) => {
  const format = request.output?.format
  if (format?.type !== 'json-schema' || format.description === undefined) {
    return { value: request, notes: [] }
  }
  const schema = { description: format.description, ...format.schema }
  const described = { ...omit(format, ['description']), schema }
  return { value: { ...request, output: { ...request.output, format: described } }, notes: [] }
}
