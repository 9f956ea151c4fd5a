// Writing a provider into patchbay.yaml.
import { describe, expect, it } from 'vitest'
import { withProvider } from './edit.ts'
import { checkFile } from './file-schema.ts'
import { readYaml } from './yaml-file.ts'

const entry = { name: 'mine', type: 'openai', keyVariable: 'MY_KEY' }
const keep = { makeDefault: false }

describe('withProvider', () => {
  it('starts an empty file', () => {
    expect(withProvider('', entry, keep)).toBe(
      'providers:\n  - name: mine\n    type: openai\n    api_key: ${MY_KEY}\n',
    )
  })

  it('keeps comments, order and what it does not know', () => {
    const text = `# my house
server:
  port: 1234 # not the usual one
providers:
  # the free one
  - name: ollama
aliases: { fast: ollama/tiny }
`
    expect(withProvider(text, entry, keep)).toBe(`# my house
server:
  port: 1234 # not the usual one
providers:
  # the free one
  - name: ollama
  - name: mine
    type: openai
    api_key: \${MY_KEY}
aliases: { fast: ollama/tiny }
`)
  })

  it('replaces a provider of the same name', () => {
    const once = withProvider('', { name: 'mine', type: 'custom', baseUrl: 'http://a/v1' }, keep)
    expect(withProvider(once, entry, keep)).toBe(withProvider('', entry, keep))
  })

  it('fills a list that has only a comment in it', () => {
    const text = withProvider('providers:\n  # none yet\nauth: {}\n', entry, keep)
    expect(text).toContain('- name: mine')
  })

  it('names the default when asked to', () => {
    expect(withProvider('', entry, { makeDefault: true })).toContain('default_provider: mine\n')
  })

  it('writes what the schema accepts', () => {
    const text = withProvider(
      '',
      { ...entry, baseUrl: 'https://host/v1', models: ['a', 'b'], defaultModel: 'a' },
      { makeDefault: true },
    )
    const checked = checkFile(readYaml(text, 'x', { MY_KEY: 'sk-of-mine' }).value)
    expect(checked).toMatchObject({
      ok: true,
      layer: {
        defaultProvider: 'mine',
        providers: [{ name: 'mine', baseUrl: 'https://host/v1', models: ['a', 'b'] }],
      },
    })
  })

  it.each(['- a\n', 'a: [\n'])('does not touch a file that is broken: %j', (text) => {
    expect(() => withProvider(text, entry, keep)).toThrow('nothing was written')
  })
})
