// The README is true: its examples compile and run, its commands work, what it links to and names is there.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SMOLLM2 } from '../src/providers/local/artifact.ts'
import { ScriptedProvider } from '../src/testing.ts'
import { type Example, commandsOf, examplesOf, placeOf, promisedLines } from './documentation.ts'
import { type OpenGateway, openGateway } from './open-gateway.ts'
import { ROOT, manifest } from './packed.ts'
import { realModel } from './real/real-model.ts'
import { Workbench } from './workbench.ts'

const page = readFileSync(join(ROOT, 'README.md'), 'utf8')
const examples = examplesOf('README.md')
const programs = examples.filter(({ language }) => language === 'ts')
const commands = examples
  .filter(({ language }) => language === 'sh')
  .flatMap((example) => commandsOf(example))
const { value: real, reason } = await realModel()

const bench = new Workbench()
let gateway: OpenGateway

beforeAll(async () => {
  const local = new ScriptedProvider({ name: 'local', settings: { local: true } })
  gateway = await openGateway({ providers: [local] })
})

afterAll(async () => {
  await gateway.close()
  bench.close()
})

function needsModel({ text }: Example): boolean {
  return text.includes("providerType: 'local'")
}

describe('the programs of the README', () => {
  it('are there', () => {
    expect(programs.length).toBeGreaterThanOrEqual(3)
  })

  it('pass the strict type checker', async () => {
    for (const program of programs) bench.add(program)
    expect(await bench.typeErrors()).toBe('')
  })

  for (const program of programs) {
    const why = needsModel(program) && real === undefined ? `: ${reason}` : ''
    it.skipIf(why !== '')(`run (${placeOf(program)})${why}`, async () => {
      const env = { PATCHBAY_HOME: real?.dataDir ?? '' }
      const { code, stdout, stderr } = await bench.run(bench.add(program), env)
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(stdout.trim()).not.toBe('')
      expect(stdout.split('\n')).toEqual(expect.arrayContaining([...promisedLines(program)]))
    })
  }
})

describe('the commands of the README', () => {
  it('start and test with scripts that exist', () => {
    const npm = commands.filter((command) => command.startsWith('npm ci'))
    expect(npm).toEqual(['npm ci && npm start', 'npm ci && npm test'])
    expect(manifest().object('scripts').source).toMatchObject({
      start: 'node bin/patchbay.js serve',
      test: 'node test/run.ts',
    })
  })

  it('ask over curl and get a stream', async () => {
    const asks = commands.filter((command) => command.startsWith('curl'))
    expect(asks).toHaveLength(1)
    for (const ask of asks) {
      const line = ask.replace('http://127.0.0.1:8787', gateway.url)
      const { code, stdout } = await bench.shell(line)
      expect(code).toBe(0)
      expect(stdout).toContain('Say hello.')
      expect(stdout).toMatch(/data: \[DONE\]\s*$/)
    }
  })

  const own = commands.filter((command) => command.startsWith('npx patchbay'))

  it('are those of the command line', () => {
    expect(own.length).toBeGreaterThanOrEqual(5)
  })

  it.each(own)('work: %s', async (command) => {
    // The server itself is started by the test of the package; it would not end here.
    const line = command.endsWith(' serve') ? `${command} --help` : command
    const env = {
      PATCHBAY_HOME: bench.folder,
      PATCHBAY_URL: gateway.url,
      PATCHBAY_ADMIN_TOKEN: gateway.adminToken,
      PATCHBAY_KEY: gateway.clientKey,
    }
    const { code, stdout, stderr } = await bench.shell(line, env)
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(stdout).toMatch(/\w/)
  })
})

describe('what the README says', () => {
  it('links to pages that exist', () => {
    const links = [...page.matchAll(/\]\((?!https?:)([^)#]+)/g)].map((match) => match[1] ?? '')
    expect(links.length).toBeGreaterThan(5)
    expect(links.filter((link) => !existsSync(join(ROOT, link)))).toEqual([])
  })

  it('gives the size of the embedded model', () => {
    expect(page).toContain(`${Math.round(SMOLLM2.sizeBytes / 1e6)} MB`)
  })
})
