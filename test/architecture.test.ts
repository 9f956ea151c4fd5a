// The walls of the house: who may import whom, where names may stand, the cast of every dialect, and the size of files.
import { readFileSync, readdirSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '..')
const SOURCE = join(ROOT, 'src')

const LEVEL_FREE = ['canonical', 'wire'] as const
const BELOW_PIPELINE = [
  'canonical',
  'wire',
  'exchange',
  'dialects',
  'transport',
  'vault',
  'providers',
  'routing',
  'resilience',
  'usage',
  'prices',
  'tokens',
  'contents',
  'access',
  'ledger',
] as const
/** Folder → the folders it may import, besides itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  canonical: [],
  wire: [],
  exchange: LEVEL_FREE,
  dialects: LEVEL_FREE,
  transport: LEVEL_FREE,
  vault: ['canonical', 'wire'],
  access: ['canonical', 'wire', 'exchange', 'vault'],
  providers: ['canonical', 'wire', 'exchange', 'dialects', 'transport', 'vault'],
  routing: ['canonical', 'exchange'],
  resilience: ['canonical', 'exchange'],
  usage: ['canonical', 'exchange'],
  prices: ['canonical', 'usage'],
  tokens: ['usage'],
  contents: ['canonical', 'exchange'],
  ledger: ['canonical', 'exchange', 'usage'],
  pipeline: BELOW_PIPELINE,
  store: [
    'canonical',
    'wire',
    'exchange',
    'usage',
    'resilience',
    'vault',
    'access',
    'ledger',
    'contents',
  ],
  config: [
    'canonical',
    'wire',
    'transport',
    'providers',
    'routing',
    'resilience',
    'usage',
    'contents',
    'vault',
    'ledger',
  ],
  server: [...BELOW_PIPELINE, 'pipeline', 'store', 'config'],
  cli: [...BELOW_PIPELINE, 'pipeline', 'store', 'config', 'server'],
}

/** Folders that use neither Node's own modules nor an npm package. */
const PURE = new Set([
  'canonical',
  'wire',
  'exchange',
  'dialects',
  'routing',
  'resilience',
  'usage',
  'ledger',
  'contents',
  'pipeline',
])
/** Within folders that are otherwise free of `node:`. */
const NODE_PLACES: Readonly<Record<string, (path: string) => boolean>> = {
  providers: (path) => path.startsWith('providers/local/'),
}
const FORBIDDEN_FOLDERS = /(?:^|\/)(?:utils|core|common|helpers|lib|services)(?:\/|\.ts$)/

const CAST = ['dialect', 'request', 'response', 'stream', 'error', 'models', 'wire-types']

interface Source {
  /** From `src/`, with forward slashes. */
  readonly path: string
  readonly text: string
  readonly folder: string
}

const sources: readonly Source[] = filesBelow(SOURCE)
  .filter((path) => path.endsWith('.ts') || path.endsWith('.tsx'))
  .map((path) => {
    const name = relative(SOURCE, path).split(sep).join('/')
    return {
      path: name,
      text: readFileSync(path, 'utf8'),
      folder: name.includes('/') ? (name.split('/')[0] ?? '') : '',
    }
  })

const product = sources.filter((source) => !isTest(source.path))

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory()
      ? filesBelow(join(folder, entry.name))
      : entry.isFile()
        ? [join(folder, entry.name)]
        : [],
  )
}

function isTest(path: string): boolean {
  return /\.(?:test|contract|arbitrary)\.ts$/.test(path) || path.includes('/fixtures/')
}

function importsOf(source: Source): readonly string[] {
  const statements = source.text.matchAll(
    /(?:^|\n)\s*(?:import|export)\s[^'"]*?from\s*'([^']+)'|import\s*\(\s*'([^']+)'\s*\)|(?:^|\n)import\s+'([^']+)'/g,
  )
  return [...statements].flatMap((match) => [match[1] ?? match[2] ?? match[3] ?? ''])
}

function targetOf(source: Source, specifier: string): string {
  const path = resolve(join(SOURCE, source.path, '..'), specifier)
  return relative(SOURCE, path).split(sep).join('/')
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|[^:'"`])\/\/[^\n]*/g, '$1')
}

describe('the walls', () => {
  it('finds the source it is to judge', () => {
    expect(product.length).toBeGreaterThan(40)
    expect(product.flatMap((source) => importsOf(source)).length).toBeGreaterThan(100)
  })

  it('lets no folder import one above it', () => {
    const broken = product.flatMap((source) => {
      if (source.folder === '') return []
      const allowed = MAY_IMPORT[source.folder]
      if (allowed === undefined) return [`${source.path}: no wall is drawn for ${source.folder}/`]
      return importsOf(source)
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => targetOf(source, specifier))
        .filter((target) => {
          const folder = target.split('/')[0] ?? ''
          return folder !== source.folder && !allowed.includes(folder)
        })
        .map((target) => `${source.path} imports ${target}`)
    })
    expect(broken).toEqual([])
  })

  it('lets no dialect import another', () => {
    const broken = product
      .filter((source) => /^dialects\/[^/]+\//.test(source.path))
      .flatMap((source) => {
        const own = source.path.split('/').slice(0, 2).join('/')
        return importsOf(source)
          .filter((specifier) => specifier.startsWith('.'))
          .map((specifier) => targetOf(source, specifier))
          .filter(
            (target) =>
              /^dialects\/[^/]+\//.test(target) &&
              !target.startsWith(`${own}/`) &&
              !target.startsWith('dialects/lowering/'),
          )
          .map((target) => `${source.path} imports ${target}`)
      })
    expect(broken).toEqual([])
  })

  it('keeps the pure folders free of Node and of packages', () => {
    const broken = product
      .filter((source) => PURE.has(source.folder))
      .flatMap((source) =>
        importsOf(source)
          .filter((specifier) => !specifier.startsWith('.'))
          .filter((specifier) => !isTypeOnly(source, specifier))
          .map((specifier) => `${source.path} imports ${specifier}`),
      )
    expect(broken).toEqual([])
  })

  it('keeps node: where it belongs', () => {
    const broken = product.flatMap((source) => {
      const allowed = NODE_PLACES[source.folder]
      if (allowed === undefined || allowed(source.path)) return []
      return importsOf(source)
        .filter((specifier) => specifier.startsWith('node:'))
        .map((specifier) => `${source.path} imports ${specifier}`)
    })
    expect(broken).toEqual([])
  })

  it('has one file that serves HTTP and one folder that calls out', () => {
    const serving = product.filter((source) => importsOf(source).includes('node:http'))
    expect(serving.map((source) => source.path)).toEqual(['server/node.ts'])
    const calling = product.filter(
      (source) =>
        importsOf(source).some((specifier) =>
          /^(?:undici(?:\/.*)?|node:https|node:tls)$/.test(specifier),
        ) ||
        opensSockets(source) ||
        /(?<![.\w])fetch\(/.test(withoutComments(source.text)),
    )
    // It serves with TLS as well; nothing else of that module calls out from there.
    const taking = product.flatMap(({ path, text }) =>
      [...text.matchAll(/.*getBuiltinModule\(.*/g)].map(([line]) => `${path}: ${line.trim()}`),
    )
    expect(taking).toEqual([
      "server/node.ts: const { createServer } = process.getBuiltinModule('node:http')",
      "server/node.ts: const { createServer: createTlsServer } = process.getBuiltinModule('node:https')",
    ])
    expect(
      calling.map((source) => source.path).filter((path) => !path.startsWith('transport/')),
    ).toEqual(['server/node.ts'])
  })

  it('loads what speaks to Redis only where it is asked for', () => {
    const speaking = product.filter((source) => importsOf(source).includes('@redis/client'))
    expect(speaking.map((source) => source.path)).toEqual(['store/redis/redis-connection.ts'])
    const asking = product.filter(
      ({ path, text }) => !path.startsWith('store/redis/') && text.includes('store/redis/'),
    )
    expect(asking.map((source) => source.path)).toEqual(['server/gateway.ts'])
    expect(asking[0]?.text).toMatch(/await import\('\.\.\/store\/redis\//)
    expect(asking[0]?.text).not.toMatch(/from '\.\.\/store\/redis\//)
  })

  it('has no import cycles', () => {
    const edges = new Map(
      product.map((source) => [
        source.path,
        importsOf(source)
          .filter((specifier) => specifier.startsWith('.'))
          .map((specifier) => targetOf(source, specifier)),
      ]),
    )
    expect(firstCycle(edges)).toEqual([])
  })

  it('finds a cycle where there is one', () => {
    const edges = new Map([
      ['a', ['b']],
      ['b', ['c']],
      ['c', ['b']],
    ])
    expect(firstCycle(edges)).toEqual(['b', 'c', 'b'])
  })
})

/** What of that module only looks at addresses opens nothing. */
function opensSockets({ text }: Source): boolean {
  const [, names = ''] = /import (?:type )?\{([^}]*)\} from 'node:net'/.exec(text) ?? []
  const opening = names
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && !/^(?:type \w+|BlockList|isIP|isIPv4|isIPv6)$/.test(name))
  return opening.length > 0
}

function isTypeOnly(source: Source, specifier: string): boolean {
  return new RegExp(`import type [^;]*?from\\s*'${specifier}'`).test(source.text)
}

function firstCycle(edges: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const done = new Set<string>()
  const walk = (node: string, trail: readonly string[]): readonly string[] => {
    const at = trail.indexOf(node)
    if (at !== -1) return [...trail.slice(at), node]
    if (done.has(node)) return []
    for (const next of edges.get(node) ?? []) {
      const cycle = walk(next, [...trail, node])
      if (cycle.length > 0) return cycle
    }
    done.add(node)
    return []
  }
  for (const node of edges.keys()) {
    const cycle = walk(node, [])
    if (cycle.length > 0) return cycle
  }
  return []
}

describe('the dialects', () => {
  const folders = readdirSync(join(SOURCE, 'dialects'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'lowering')
    .map((entry) => entry.name)

  it.each(folders)('%s has the whole cast, its tests and its fixtures', (folder) => {
    const files = readdirSync(join(SOURCE, 'dialects', folder))
    for (const role of CAST) expect(files).toContain(`${role}.ts`)
    expect(files).toContain('dialect.test.ts')
    expect(files).toContain('fixtures')
  })

  it('are named nowhere outside their folder', () => {
    const quoted = new RegExp(
      `['"\`](?:${folders.filter((name) => name.includes('-')).join('|')})['"\`]`,
    )
    const broken = product
      .filter((source) => source.folder !== 'dialects')
      .filter((source) => quoted.test(withoutComments(source.text)))
      .map((source) => source.path)
    expect(broken).toEqual([])
  })

  it('leave provider names to the providers', () => {
    const quoted =
      /['"`](?:ollama|openai|anthropic|google|mistral|groq|deepseek|xai|openrouter)['"`]/
    const broken = product
      .filter((source) => source.folder !== 'providers' && source.folder !== 'dialects')
      .filter((source) => quoted.test(withoutComments(source.text)))
      .map((source) => source.path)
    expect(broken).toEqual([])
  })
})

describe('the files', () => {
  it('have no folder that could hold anything', () => {
    expect(sources.filter((source) => FORBIDDEN_FOLDERS.test(source.path))).toEqual([])
  })

  it('say in their first line what they are for', () => {
    const silent = sources
      .filter((source) => !source.text.startsWith('//'))
      .map((source) => source.path)
    expect(silent.filter((path) => !path.includes('/fixtures/'))).toEqual([])
  })

  it('are short', () => {
    const lengths = product
      .filter((source) => !source.path.endsWith('wire-types.ts'))
      .map((source) => ({ path: source.path, lines: source.text.split('\n').length }))
      .toSorted((left, right) => left.lines - right.lines)
    expect(lengths.filter((file) => file.lines > 500)).toEqual([])
    expect(lengths[Math.floor(lengths.length * 0.9)]?.lines).toBeLessThanOrEqual(300)
  })

  it('leave nothing for later and switch no check off', () => {
    const marks =
      /\b(?:TO[D]O|FIX[M]E|X[X]X)\b|@ts-(?:ignore|expect-error|nocheck)|(?:oxlint|eslint)-disable/
    expect(
      sources.filter((source) => marks.test(source.text)).map((source) => source.path),
    ).toEqual([])
  })
})
