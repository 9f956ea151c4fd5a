// What docs/configuration.md shows is what the schema takes.
import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { checkFile, fileJsonSchema } from './file-schema.ts'
import { readYaml } from './yaml-file.ts'

const page = await readFile(new URL('../../docs/configuration.md', import.meta.url), 'utf8')

it('shows a whole file that is accepted', () => {
  const yaml = /```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? ''
  const { value } = readYaml(yaml, 'docs', {
    OPENAI_API_KEY: 'sk-of-mine',
    REDIS_URL: 'redis://127.0.0.1',
  })
  expect(checkFile(value)).toMatchObject({ ok: true, layer: { defaultProvider: 'work' } })
})

it('names every key of the schema', () => {
  const schema = fileJsonSchema()
  const items = schema.properties?.['providers']
  const provider =
    typeof items === 'object' && !Array.isArray(items.items) ? items.items : undefined
  const keys = [
    ...Object.keys(schema.properties ?? {}),
    ...(typeof provider === 'object' ? Object.keys(provider.properties ?? {}) : []),
  ]
  expect(keys.length).toBeGreaterThan(15)
  expect(keys.filter((key) => !page.includes(key))).toEqual([])
})
