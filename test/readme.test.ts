// The README is true: its examples compile and run, its commands work, what it links to and names is there.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FETCH_SIZES } from '../src/cli/embedded.ts'
import { SMOLLM2 } from '../src/providers/local/artifact.ts'
import { ScriptedProvider } from '../src/testing.ts'
import { type Example, commandsOf, examplesOf, placeOf, promisedLines } from './documentation.ts'
import { type FakeUpstream, openUpstream } from './fake-upstream.ts'
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
  // In a file, as for its user: some commands read it themselves.
  const own = { dataDir: bench.folder, config: { store: {} } }
  gateway = await openGateway({ providers: [local], ...own })
})

afterAll(async () => {
  await gateway.close()
  bench.close()
})

function needsModel({ text }: Example): boolean {
  return text.includes("providerType: 'local'")
}

/** Asks the provider `ollama` in its own protocol where a field is of it, else in OpenAI's. */
async function ask(body: object, headers: Record<string, string> = {}): Promise<Response> {
  const messages = [{ role: 'user', content: 'hi' }]
  const path = 'of_tomorrow' in body ? '/api/chat' : '/v1/chat/completions'
  return fetch(`${gateway.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'ollama/m', messages, ...body }),
  })
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
      PATCHBAY_PORT: '0',
      PATCHBAY_URL: gateway.url,
      PATCHBAY_ADMIN_TOKEN: gateway.adminToken,
      PATCHBAY_KEY: gateway.clientKey,
    }
    const { code, stdout, stderr } = await bench.shell(line, env)
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(stdout).toMatch(/\w/)
  })
})

describe('what the README says of translation', () => {
  const tool = { type: 'function', function: { name: 'look', parameters: { type: 'object' } } }
  const forced = { tools: [tool], tool_choice: 'required' }
  const answer = {
    model: 'm',
    created_at: '2026-01-01T00:00:00Z',
    message: { role: 'assistant', content: 'hi' },
    done: true,
    done_reason: 'stop',
  }
  let upstream: FakeUpstream

  beforeAll(async () => {
    upstream = await openUpstream()
    upstream.answer(() => ({ chunks: [JSON.stringify(answer)] }))
    const { manager } = gateway.gateway
    // By its own protocol alone: it speaks that of the client of these tests, too.
    manager.registerProvider({
      providerType: 'ollama',
      name: 'ollama',
      baseUrl: upstream.url,
      settings: { dialects: ['ollama'] },
    })
  })

  afterAll(async () => upstream.close())

  it('a small loss passes and is told in a header', async () => {
    const response = await ask({ logit_bias: { '1': 2 } })
    expect(response.status).toBe(200)
    expect(response.headers.get('x-patchbay-notes')).toContain('logit_bias')
  })

  it('a loss of meaning is refused before anything is sent', async () => {
    const before = upstream.requests.length
    const response = await ask(forced)
    expect(response.status).toBe(400)
    expect(await response.text()).toContain('tool_choice')
    expect(upstream.requests).toHaveLength(before)
  })

  it('passes with a lenient policy', async () => {
    const response = await ask(forced, { 'x-patchbay-policy': 'lenient' })
    expect(response.status).toBe(200)
    expect(response.headers.get('x-patchbay-notes')).toContain('tool_choice')
  })

  it('within one protocol only the name of the model changes', async () => {
    const response = await ask({ stream: false, of_tomorrow: [1.5] })
    expect(await response.json()).toEqual({ ...answer, model: expect.any(String) })
    expect(upstream.requests.at(-1)?.json).toEqual({
      model: 'm',
      messages: [{ role: 'user', content: 'hi' }],
      stream: false,
      of_tomorrow: [1.5],
    })
  })
})

describe('what the README says', () => {
  it('links to pages that exist', () => {
    const links = [...page.matchAll(/\]\((?!https?:)([^)#]+)/g)].map((match) => match[1] ?? '')
    expect(links.length).toBeGreaterThan(5)
    expect(links.filter((link) => !existsSync(join(ROOT, link)))).toEqual([])
  })

  it('gives the sizes of what is fetched', () => {
    const sizes = FETCH_SIZES.match(/\d+ MB/g) ?? []
    expect(sizes).toContain(`${Math.round(SMOLLM2.sizeBytes / 1e6)} MB`)
    expect(sizes.filter((size) => !page.includes(size))).toEqual([])
  })
})
