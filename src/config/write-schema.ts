// Writes patchbay.schema.json, which editors complete patchbay.yaml from. Run: node src/config/write-schema.ts
import { writeFile } from 'node:fs/promises'
import { fileJsonSchema } from './file-schema.ts'

/** The text of patchbay.schema.json. */
export function schemaText(): string {
  return `${JSON.stringify({ title: 'patchbay.yaml', ...fileJsonSchema() }, undefined, 2)}\n`
}

if (import.meta.main) {
  await writeFile(new URL('../../patchbay.schema.json', import.meta.url), schemaText())
}
