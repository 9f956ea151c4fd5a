// YAML with variables replaced, and lines for paths.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkFile } from './file-schema.ts'
import { ConfigError } from './problem.ts'
import { readYaml } from './yaml-file.ts'

const TEXT = `# a comment

server:
  port: 1
providers:
  - name: a
    models:
      - x
      - \${MODEL}
  - { name: b,
      base_url: http://b }
`

const SECRET = 'sk-Zq7secret'

describe('lineOf', () => {
  const file = readYaml(TEXT, 'file', { MODEL: 'y' })

  it.each([
    [['server'], 3],
    [['server', 'port'], 4],
    [['providers', 0], 6],
    [['providers', 0, 'name'], 6],
    [['providers', 0, 'models', 1], 9],
    [['providers', 1, 'base_url'], 11],
    // What is not there stands where it should be.
    [['providers', 1, 'type'], 10],
    [['server', 'host'], 3],
    [['limits', 'max_body_bytes'], 3],
    [[], 3],
  ])('of %j is %i', (path, line) => {
    expect(file.lineOf(path)).toBe(line)
  })

  it('comes with the value, variables replaced', () => {
    expect(file.value).toMatchObject({ providers: [{ models: ['x', 'y'] }, { name: 'b' }] })
  })
})

describe('readYaml', () => {
  it('reads nothing as an empty section', () => {
    expect(readYaml('', 'file', {}).value).toEqual({})
    expect(readYaml('# only a comment\n', 'file', {}).value).toEqual({})
  })

  it('names every variable that is missing, with its line', () => {
    expect(() => readYaml('a: ${ONE}\nb:\n  - ${TWO}\n', 'file', {})).toThrow(
      /file:1: a needs .* ONE,[^]*file:3: b\[0\] needs .* TWO,/,
    )
  })

  it('replaces a variable behind an anchor once', () => {
    const { value } = readYaml('a: &k "${X}"\nb: *k\n', 'file', { X: '${X}' })
    expect(value).toEqual({ a: '${X}', b: '${X}' })
  })

  it('leaves variables in keys and comments alone', () => {
    expect(readYaml('"${A}": 1 # ${B}\n', 'file', {}).value).toEqual({ '${A}': 1 })
  })

  it('stops a file that unfolds into a giant', () => {
    const layers = Array.from({ length: 12 }, (_, at) => {
      const list = at === 0 ? '[1, 1, 1, 1, 1, 1, 1, 1, 1]' : `[${`*a${at - 1}, `.repeat(9)}]`
      return `a${at}: &a${at} ${list}`
    })
    expect(() => readYaml(layers.join('\n'), 'file', {})).toThrow(ConfigError)
  })

  it('ends any text in a value or a ConfigError', () => {
    const pieces = fc.constantFrom(
      'a',
      ':',
      ' ',
      '\n',
      '-',
      '"',
      '{',
      '}',
      '[',
      '${',
      '&',
      '*',
      '#',
      '!',
      '|',
    )
    fc.assert(
      fc.property(fc.string({ unit: pieces, maxLength: 40 }), (text) => {
        try {
          checkFile(readYaml(text, 'file', {}).value)
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(ConfigError)
        }
      }),
    )
  })

  it.each([
    `providers: [{ name: "${SECRET} x" }]`,
    `providers: [{ name: a, api_key: { x: ${SECRET} } }]`,
    `providers: [{ name: a, api_key: [${SECRET}] }]`,
    `providers: [{ name: a, timeout: ${SECRET} }]`,
    `providers: [{ name: a, base_url: ${SECRET} }]`,
    `providers: ${SECRET}`,
    `server: { port: ${SECRET} }`,
    `auth: { anonymous: ${SECRET} }`,
    `api: "${SECRET}`,
    `a: b: ${SECRET}`,
    `a: "\${NO:${SECRET}}"`,
    `a: *${SECRET}`,
  ])('refuses %j without repeating what could be a key', (text) => {
    const messages = messagesOf(text)
    expect(messages).not.toBe('')
    expect(messages).not.toContain(SECRET)
  })
})

function messagesOf(text: string): string {
  try {
    const checked = checkFile(readYaml(text, 'file', {}).value)
    return checked.ok ? '' : checked.issues.map((issue) => issue.message).join('\n')
  } catch (thrown) {
    return thrown instanceof ConfigError ? thrown.message : String(thrown)
  }
}
