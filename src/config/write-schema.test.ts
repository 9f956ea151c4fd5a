// The JSON Schema in the repository is the one the code means.
import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { fileJsonSchema } from './file-schema.ts'
import { schemaText } from './write-schema.ts'

it('patchbay.schema.json is fresh (else run: node src/config/write-schema.ts)', async () => {
  const written = await readFile(new URL('../../patchbay.schema.json', import.meta.url), 'utf8')
  expect(JSON.parse(written)).toEqual(JSON.parse(schemaText()))
})

it('lets a number come from the environment', () => {
  const server = fileJsonSchema().properties?.['server']
  const port = typeof server === 'object' ? server.properties?.['port'] : undefined
  expect(port).toMatchObject({
    anyOf: [
      { type: 'integer', minimum: 0, maximum: 65_535 },
      { type: 'string', pattern: '^\\$\\{' },
    ],
  })
})
