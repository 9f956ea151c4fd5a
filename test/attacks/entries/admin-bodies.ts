// What may be said to the admin's doors by who may open them: no field, name or text does more than it says.
import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Attack } from '../attack.ts'
import type { Answer, Stand } from '../stand.ts'

/** Fields by which one has been given rights, as JSON. */
const EXTRA_FIELDS = [
  '"role":"owner"',
  '"is_admin":true',
  '"admin":true',
  '"scopes":["*"]',
  '"owner_id":"x"',
  '"id":"x"',
  '"token_hash":"00"',
  '"created_by":"x"',
  '"source":"operator"',
  '"version":99',
  '"__proto__":{"role":"owner"}',
  '"constructor":{"prototype":{"role":"owner"}}',
]

const OUTSIDE_NAMES = [
  '../../x',
  '..',
  '.',
  '/etc/passwd',
  '..\\..\\x',
  'a/b',
  'a\u0000b',
  'a\nb',
  ' a',
  '-rf',
  '\u202eabc',
  'ａｂｃ',
  '',
  'a'.repeat(300),
]

const TEMPLATES = [
  "{{constructor.constructor('return process')()}}",
  '{{7*7}}',
  '${7*7}',
  '<%= 7*7 %>',
  '#{7*7}',
  '{% for x in ().__class__.__mro__ %}{{x}}{% endfor %}',
  '{{request.application.__globals__}}',
  '$(id)',
  '`id`',
  '{{secrets.cloud}}',
  '${CNRY_KEY}',
  '%CNRY_KEY%',
]

function bodyOf(fields: readonly string[]): string {
  return `{${fields.join(',')}}`
}

/** A provider at the recording upstream, as far as it is right. */
function providerFields(stand: Stand, name: string): readonly string[] {
  return [
    `"name":${JSON.stringify(name)}`,
    '"provider_type":"custom"',
    `"base_url":"${stand.upstream.url}/v1"`,
  ]
}

async function namesOf(stand: Stand): Promise<string> {
  const { text } = await stand.ask('/api/providers', { key: stand.adminToken })
  return text
}

function filesBelow(folder: string): ReadonlySet<string> {
  return new Set(readdirSync(folder, { recursive: true, encoding: 'utf8' }))
}

function assertRefused({ status, text }: Answer, what: string): void {
  assert.ok([400, 404, 405, 409, 422].includes(status), `${what}: ${status} ${text}`)
}

export const adminBodyAttacks: readonly Attack[] = [
  {
    id: 'A006',
    name: 'gives itself rights by fields that are not asked for',
    run: async (build) => {
      const stand = await build.server()
      const key = stand.adminToken
      const before = await namesOf(stand)
      for (const field of EXTRA_FIELDS) {
        const fields = [...providerFields(stand, 'promoted'), field]
        const registered = await stand.ask('/api/providers/register', { key, body: bodyOf(fields) })
        assert.equal(registered.status, 400, field)
        const body = bodyOf(['"targets":["cloud/m"]', field])
        const routed = await stand.ask('/api/routes/promoted', { key, method: 'PUT', body })
        assert.equal(routed.status, 400, field)
      }
      assert.equal(await namesOf(stand), before)
      const { status } = await stand.ask('/api/routes/promoted', { key })
      assert.equal(status, 404)
      // It is for these fields alone.
      const body = bodyOf(providerFields(stand, 'plain'))
      const plain = await stand.ask('/api/providers/register', { key, body })
      assert.equal(plain.status, 201, plain.text)
    },
    weaken: [
      {
        file: 'src/server/routes/register-body.ts',
        find: 'const schema = z.strictObject({',
        put: 'const schema = z.looseObject({',
      },
    ],
  },
  {
    id: 'A008',
    name: 'reads and removes by its id what another caller keeps',
    run: async (build) => {
      const stand = await build.server()
      const made = await stand.ask('/v1/responses', {
        key: stand.clientKey,
        body: { model: 'cloud/m', input: 'Remember.' },
      })
      const id = String(made.json['id'])
      const own = `/v1/responses/${id}`
      assert.equal((await stand.ask(own, { key: stand.clientKey })).status, 200)
      const { secret } = await stand.makeKey()
      const others = [{ key: secret }, {}]
      for (const other of others) {
        const unknown = `resp_${'0'.repeat(id.length - 5)}`
        for (const [method, more] of [
          ['GET', ''],
          ['GET', '/input_items'],
          ['DELETE', ''],
        ] as const) {
          const at = async (which: string): Promise<string> => {
            const path = `/v1/responses/${which}${more}`
            const { status, text } = await stand.ask(path, { method, ...other })
            return `${status} ${text.replaceAll(which, 'ID').replaceAll(/req_\w+/g, 'REQ')}`
          }
          const answer = await at(id)
          assert.match(answer, /^404 /)
          assert.equal(answer, await at(unknown), 'what exists is told apart from what does not')
        }
        const { status } = await stand.ask('/v1/responses', {
          ...other,
          body: { model: 'home/m', input: 'Go on.', previous_response_id: id },
        })
        assert.ok([400, 404].includes(status), `goes on with it: ${status}`)
      }
      assert.equal((await stand.ask(own, { key: stand.clientKey })).status, 200)
    },
    weaken: [
      {
        file: 'src/server/auth.ts',
        find: "  return caller.kind === 'anonymous' ? caller.kind : `${caller.kind}:${caller.keyId}`",
        put: "  return caller.kind === 'anonymous' ? 'all' : 'all'",
      },
    ],
  },
  {
    id: 'A027',
    name: 'writes templates and commands where text is taken',
    run: async (build) => {
      const stand = await build.server()
      for (const text of TEMPLATES) {
        const before = stand.upstream.requests.length
        const messages = [
          { role: 'system', content: text },
          { role: 'user', content: text },
        ]
        for (const path of ['/v1/chat/completions', '/ollama/api/chat']) {
          const body = { model: 'cloud/m', messages, stream: false }
          const answer = await stand.ask(path, { key: stand.clientKey, body })
          assert.equal(answer.status, 200)
        }
        for (const { text: asked } of stand.upstream.requests.slice(before)) {
          assert.equal(asked.split(JSON.stringify(text)).length, 3, `${text} became ${asked}`)
        }
      }
    },
    weaken: [
      {
        file: 'src/server/body.ts',
        find: '  const text = decoded(bytes)\n',
        put: "  const text = decoded(bytes).replaceAll('{{7*7}}', '49')\n",
      },
    ],
  },
  {
    id: 'A028',
    name: 'names a program that the server is to run',
    run: async (build) => {
      const stand = await build.server()
      const key = stand.adminToken
      const proof = join(stand.cwd, 'it-was-run')
      const program = join(stand.cwd, 'program.mjs')
      await writeFile(
        program,
        `import { writeFileSync } from 'node:fs'\nwriteFileSync(${JSON.stringify(proof)}, '')\nexport default class {}\n`,
        { mode: 0o755 },
      )
      const command = JSON.stringify(program)
      const ways = [
        [`"plugin":${command}`],
        [`"command":${command}`, '"args":[]'],
        ['"transport":"stdio"', `"command":${command}`],
        [`"hooks":{"before":${command}}`],
        [`"module":${command}`],
      ]
      for (const way of ways) {
        const body = bodyOf([...providerFields(stand, 'runner'), ...way])
        assertRefused(await stand.ask('/api/providers/register', { key, body }), way.join())
      }
      for (const type of [program, 'plugin', './program.mjs', 'file:///bin/sh']) {
        const body = { name: 'runner', provider_type: type }
        assertRefused(await stand.ask('/api/providers/register', { key, body }), type)
      }
      for (const path of ['/api/mcp/test', '/api/admin/mcp/test', '/api/skills/run', '/api/exec']) {
        assertRefused(await stand.ask(path, { key, body: bodyOf([`"command":${command}`]) }), path)
      }
      assert.ok(!existsSync(proof), 'the program was run')
    },
    weaken: [
      {
        file: 'src/server/routes/providers.ts',
        find: '      const body = validated(registerBody, withQuery(registerBody, call))\n',
        put: '      if (Object(call.body).plugin) await import(Object(call.body).plugin)\n      const body = validated(registerBody, withQuery(registerBody, call))\n',
      },
    ],
  },
  {
    id: 'A030',
    name: 'names what lies outside by a path',
    run: async (build) => {
      const stand = await build.server()
      const key = stand.adminToken
      const before = filesBelow(stand.cwd)
      for (const name of OUTSIDE_NAMES) {
        const body = bodyOf(providerFields(stand, name))
        assertRefused(await stand.ask('/api/providers/register', { key, body }), name)
        // An empty name is the list, and no client sends a path of dots.
        if (/^\.{0,2}$/.test(name)) continue
        const spelled = encodeURIComponent(name)
        for (const [method, path, more] of [
          ['GET', `/api/routes/${spelled}`, {}],
          ['PUT', `/api/routes/${spelled}`, { body: { targets: ['cloud/m'] } }],
          ['DELETE', `/api/providers/${spelled}`, {}],
          ['GET', `/api/providers/${spelled}/models`, {}],
        ] as const) {
          assertRefused(await stand.ask(path, { key, method, ...more }), `${method} ${path}`)
        }
      }
      assert.deepEqual(filesBelow(stand.cwd), before)
    },
    weaken: [
      {
        file: 'src/providers/registrable.ts',
        find: 'const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/',
        put: 'const NAME = /^[^]+$/',
      },
      {
        file: 'src/server/admin/governed.ts',
        find: 'const ID = /^[A-Za-z0-9_][A-Za-z0-9._:@-]{0,127}$/',
        put: 'const ID = /^[^]*$/',
      },
    ],
  },
]
