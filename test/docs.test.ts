// The pages in docs/ are true: examples compile, run and print what they promise, tables have what the code has, links lead somewhere.
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkFile } from '../src/config/file-schema.ts'
import { readYaml } from '../src/config/yaml-file.ts'
import { messageFlags } from '../src/dialects/anthropic-messages/flags.ts'
import { flagsOf as geminiFlags } from '../src/dialects/gemini/flags.ts'
import { flagsOf as mistralFlags } from '../src/dialects/mistral-chat/flags.ts'
import { flagsOf as ollamaFlags } from '../src/dialects/ollama/flags.ts'
import { flagsOf as chatFlags } from '../src/dialects/openai-chat/flags.ts'
import { flagsOf as responsesFlags } from '../src/dialects/openai-responses/flags.ts'
import { dialects } from '../src/dialects/registry.ts'
import { catalog } from '../src/providers/catalog.ts'
import { readLocalSettings } from '../src/providers/local/settings.ts'
import { builtinTypes } from '../src/providers/provider-types.ts'
import * as patchbay from '../src/index.ts'
import { ScriptedProvider } from '../src/testing.ts'
import { commandsOf, examplesOf, fileNameOf, placeOf, promisedLines } from './documentation.ts'
import { type OpenGateway, openGateway } from './open-gateway.ts'
import { ROOT } from './packed.ts'
import { Workbench } from './workbench.ts'

const PAGES = [
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`),
  ...readdirSync(join(ROOT, 'decisions')).map((name) => `decisions/${name}`),
]
const examples = PAGES.flatMap((page) => examplesOf(page))
const modules = examples.filter(({ language }) => language === 'ts')
const programs = modules.filter((example) => fileNameOf(example) === undefined)

const home = mkdtempSync(join(tmpdir(), 'patchbay-docs-home-'))
const bench = new Workbench()
let server: OpenGateway

function textOf(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8')
}

beforeAll(async () => {
  const local = new ScriptedProvider({
    name: 'local',
    settings: { local: true },
    replies: ['Hello! How can I help you?'],
  })
  server = await openGateway({ providers: [local] })
  for (const example of modules) bench.add(example, server.url)
})

afterAll(async () => {
  await server.close()
  bench.close()
  rmSync(home, { recursive: true, force: true })
})

describe('the programs', () => {
  it('are there, for the library, its plugins and its clients', () => {
    const pages = new Set(programs.map(({ page }) => page))
    expect([...pages].toSorted()).toEqual([
      'docs/cache.md',
      'docs/clients.md',
      'docs/costs.md',
      'docs/library.md',
      'docs/plugins.md',
      'docs/resilience.md',
    ])
  })

  it('pass the strict type checker', async () => {
    expect(await bench.typeErrors()).toBe('')
  })

  for (const program of programs) {
    it(`print what they promise (${placeOf(program)})`, async () => {
      const promised = promisedLines(program)
      const env = { PATCHBAY_HOME: home, PATCHBAY_KEY: server.clientKey }
      const { code, stdout, stderr } = await bench.run(bench.add(program, server.url), env)
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(promised.length).toBeGreaterThan(0)
      expect(stdout.trimEnd().split('\n')).toEqual(promised)
    })
  }
})

describe('the plugin of docs/plugins.md', () => {
  it('answers behind the command line, from its configuration', async () => {
    const files = examples.filter(({ page }) => page === 'docs/plugins.md')
    const yaml = files.find(({ language }) => language === 'yaml')
    const shell = files.find(({ language }) => language === 'sh')
    if (yaml === undefined || shell === undefined) throw new Error('docs/plugins.md lacks a block')
    expect(bench.add(yaml)).toBe('patchbay.yaml')
    const [command = ''] = commandsOf(shell)
    // No server listens on port 1, whatever else runs on this machine: the library answers.
    const env = { PATCHBAY_HOME: home, PATCHBAY_PORT: '1' }
    const { code, stdout, stderr } = await bench.shell(command, env)
    expect({ code, stdout, stderr }).toMatchObject({ code: 0, stdout: 'HELLO\n' })
  })
})

describe('the commands of docs/clients.md', () => {
  const commands = examples
    .filter(({ page, language }) => page === 'docs/clients.md' && language === 'sh')
    .flatMap((example) => commandsOf(example))

  it('are there, one a protocol', () => {
    expect(commands).toHaveLength(dialects.length)
  })

  it.each(commands)('work: %s', async (command) => {
    const line = command.replace('http://127.0.0.1:8787', server.url)
    const { code, stdout } = await bench.shell(line, { PATCHBAY_KEY: server.clientKey })
    expect(code).toBe(0)
    expect(stdout).toContain('Hello! How can I help you?')
  })
})

describe('the commands of docs/cli.md', () => {
  const commands = [...textOf('docs/cli.md').matchAll(/^(?:.*\| )?patchbay ([a-z]+(?: [a-z]+)?)/gm)]
    .map((match) => match[1] ?? '')
    .map((words) => words.replace(/ (?!list|add|test|default|remove|pull).*/, ''))

  it.each([...new Set(commands)])('exist: %s', async (words) => {
    const { code, stdout } = await bench.shell(`patchbay ${words} --help`, { PATCHBAY_HOME: home })
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining(words) })
  })
})

describe('docs/cli.md', () => {
  it.each(['serve', 'chat', 'providers add', 'models list'])(
    'has every option of %s',
    async (words) => {
      const { stdout } = await bench.shell(`patchbay ${words} --help`)
      const options = [...stdout.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(
        (match) => match[1] ?? '',
      )
      expect(options.length).toBeGreaterThan(3)
      expect(options.filter((option) => !textOf('docs/cli.md').includes(option))).toEqual([])
    },
  )
})

describe('docs/providers.md', () => {
  const page = textOf('docs/providers.md')
  const rows = page.split('\n').filter((line) => line.startsWith('| `'))

  it.each([...catalog])(
    'has the row of $type',
    ({ type, title, dialect, baseUrl = 'base_url', keyVariable }) => {
      const key = keyVariable === undefined ? '' : `\`${keyVariable}\` `
      expect(rows).toContain(
        `| \`${type}\` | ${title} | \`${dialect.id}\` | \`${baseUrl}\` | ${key}|`,
      )
    },
  )

  it('has the further protocols of every type, and no other', () => {
    const section = page.split('## Several protocols')[1]?.split(/^##/m)[0] ?? ''
    const told = section.split('\n').filter((line) => line.startsWith('| `'))
    const known = catalog.flatMap(({ type, otherProtocols = [] }) =>
      otherProtocols.map(({ dialect, shim }) => {
        return `| \`${type}\` | \`${dialect.id}\` | ${shim === true ? 'no' : 'yes'} |`
      }),
    )
    expect(told).toEqual(known)
  })

  it('names every variable that is looked for', () => {
    const variables = catalog.flatMap(({ keyVariable, otherKeyVariables = [], baseUrlVariable }) =>
      [keyVariable, ...otherKeyVariables, baseUrlVariable].filter((name) => name !== undefined),
    )
    expect(variables.filter((name) => !page.includes(`\`${name}\``))).toEqual([])
  })

  it('names every type', () => {
    expect([...builtinTypes.keys()].filter((type) => !page.includes(`\`${type}\``))).toEqual([])
  })

  const profile = { provider: 'any', flags: {} }
  const flagsOf = [
    ['openai-chat', Object.keys(chatFlags(profile))],
    ['openai-responses', Object.keys(responsesFlags(profile))],
    ['anthropic-messages', Object.keys(messageFlags(profile))],
    ['gemini', Object.keys(geminiFlags(profile))],
    ['mistral-chat', Object.keys(mistralFlags(profile))],
    ['ollama', Object.keys(ollamaFlags(profile))],
  ] as const
  it.each(flagsOf)('has every flag of %s, and no other', (dialect, flags) => {
    const section = page.split(`### Flags of \`${dialect}\``)[1]?.split(/^##/m)[0] ?? ''
    const named = [...section.matchAll(/^\| (`[^|]+) \|/gm)].flatMap((row) =>
      [...(row[1] ?? '').matchAll(/`(\w+)`/g)].map((word) => word[1] ?? ''),
    )
    expect(named.toSorted()).toEqual([...flags].toSorted())
  })

  it('has the flags of every dialect', () => {
    expect(flagsOf.map(([id]) => id)).toEqual(dialects.map(({ id }) => id))
  })

  it('uses only flags that are documented', () => {
    const used = catalog
      .flatMap((row) => [row, ...(row.otherProtocols ?? [])])
      .flatMap(({ flags = {}, families = [] }) => [
        ...Object.keys(flags),
        ...families.flatMap((family) => Object.keys(family.flags ?? {})),
      ])
    expect([...new Set(used)].filter((flag) => !page.includes(`\`${flag}\``))).toEqual([])
  })

  it('has every setting of the embedded model', () => {
    const settings = [...Object.keys(readLocalSettings(undefined)), 'modelPath']
    const snake = settings.map((name) => name.replaceAll(/[A-Z]/g, (x) => `_${x.toLowerCase()}`))
    expect(snake.filter((name) => !page.includes(`\`${name}\``))).toEqual([])
  })
})

describe('docs/library.md', () => {
  const page = textOf('docs/library.md')

  it('has every member of the manager and of the facade', () => {
    const members = [patchbay.ProviderManager, patchbay.LLMProvider].flatMap((made) =>
      [made.prototype, Object.getPrototypeOf(made.prototype)].flatMap((prototype: object) =>
        Object.getOwnPropertyNames(prototype),
      ),
    )
    const missing = members.filter((name) => name !== 'constructor' && !page.includes(name))
    expect(members).toContain('registerProvider')
    expect(missing).toEqual([])
  })
})

describe('the configurations', () => {
  it.each(
    examples.filter(({ language }) => language === 'yaml').map((one) => [placeOf(one), one.text]),
  )('are accepted (%s)', (_, text) => {
    const env = { OPENAI_API_KEY: 'sk-of-mine', REDIS_URL: 'redis://127.0.0.1' }
    const { value } = readYaml(text, 'docs', env)
    expect(checkFile(value, env)).toMatchObject({ ok: true })
  })
})

describe('the pages', () => {
  it.each(PAGES)('link to what exists: %s', (page) => {
    const links = [...textOf(page).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)]
    const broken = links.filter(([, path = '', anchor]) => {
      const target = path === '' ? page : join(dirname(page), path)
      if (!existsSync(join(ROOT, target))) return true
      return anchor !== undefined && !anchorsOf(target).includes(anchor)
    })
    expect(broken.map(([link]) => link)).toEqual([])
  })

  it.each(PAGES)('name files that exist: %s', (page) => {
    const named = [...textOf(page).matchAll(/`((?:src|test|bin|\.ci)\/[\w./-]+)`/g)]
    expect(
      named.map((match) => match[1] ?? '').filter((path) => !existsSync(join(ROOT, path))),
    ).toEqual([])
  })

  it('are all reached from the README or another page', () => {
    const all = ['README.md', ...PAGES].map((page) => textOf(page)).join('\n')
    const names = readdirSync(join(ROOT, 'docs'))
    expect(names.filter((name) => !all.includes(`${name})`) && !all.includes(`${name}#`))).toEqual(
      [],
    )
  })
})

function anchorsOf(page: string): readonly string[] {
  return [...textOf(page).matchAll(/^#+ (.+)$/gm)].map((match) =>
    (match[1] ?? '')
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, '')
      .replaceAll(' ', '-'),
  )
}
