// docs/admin.md is true: its requests, sent in order to a real server, have the answers that it shows.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ROLES } from '../src/access/role.ts'
import { CONFIG_SOURCES } from '../src/config/config-sources.ts'
import { SOURCES } from '../src/server/registry/source.ts'
import { OUTCOMES } from '../src/store/audit/entry.ts'
import { ScriptedProvider } from '../src/testing.ts'
import { type Json, isArray, isObject, parseJson } from '../src/wire/json.ts'
import { examplesOf, placeOf } from './documentation.ts'
import { type Shown, isAnswer, readExample } from './http-example.ts'
import { type OpenGateway, openGateway } from './open-gateway.ts'
import { ROOT } from './packed.ts'

const PAGE = 'docs/admin.md'
const page = readFileSync(join(ROOT, PAGE), 'utf8')
const blocks = examplesOf(PAGE).filter(({ language }) => language === 'http')

let server: OpenGateway

beforeAll(async () => {
  const local = new ScriptedProvider({ name: 'local', settings: { local: true }, replies: [] })
  server = await openGateway({ providers: [local] })
})
afterAll(async () => server.close())

async function send({ head, headers, body }: Shown): Promise<Response> {
  const [method = '', path = ''] = head.split(' ')
  const token = server.adminToken
  return fetch(`${server.url}${path}`, {
    method,
    headers: Object.entries(headers).map(([name, text]): [string, string] => [
      name,
      text.replace('$PATCHBAY_ADMIN_TOKEN', token),
    ]),
    body: body === '' ? null : body,
  })
}

const VOLATILE = new Set([
  'time',
  'created_at',
  'request_id',
  'hash',
  'fingerprint',
  'actor_id',
  'seq',
])

/** What differs from start to start is only of its kind. */
function settled(value: Json | undefined): Json | undefined {
  if (isArray(value)) return value.map((entry) => settled(entry) ?? null)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => [
      name,
      VOLATILE.has(name) ? typeof entry : settled(entry),
    ]),
  )
}

describe('the examples', () => {
  for (const [at, request] of blocks.entries()) {
    if (isAnswer(request.text)) continue
    const shown = readExample(request)
    it(`${shown.head} (${placeOf(request)}) is answered as shown`, async () => {
      const response = await send(shown)
      const json = parseJson(await response.text())
      const promised = readExample(blocks[at + 1] ?? { text: '' })
      expect(promised.head).toContain(` ${response.status} `)
      expect(settled(json)).toEqual(settled(parseJson(promised.body)))
    })
  }

  it('are there', () => {
    expect(blocks.filter(({ text }) => isAnswer(text))).toHaveLength(blocks.length / 2)
    expect(blocks.length).toBeGreaterThanOrEqual(8)
  })
})

describe('the page', () => {
  it('has every role, source and outcome', () => {
    const words = [...ROLES, ...SOURCES, ...CONFIG_SOURCES, ...OUTCOMES]
    expect(words.filter((word) => !page.includes(`\`${word}\``))).toEqual([])
  })

  it('has every call about secrets, the audit log and the configuration', async () => {
    const { paths } = asObject(parseJson(await (await fetch(`${server.url}/openapi.json`)).text()))
    const calls = Object.entries(asObject(paths))
      .filter(([path]) => /^\/api\/admin\/(?:audit|secrets|config)/.test(path))
      .flatMap(([path, methods]) =>
        Object.keys(asObject(methods)).map((method) => `${method.toUpperCase()} ${path}`),
      )
    expect(calls.length).toBeGreaterThanOrEqual(7)
    expect(calls.filter((call) => !page.includes(call))).toEqual([])
  })
})

function asObject(value: Json | undefined): Readonly<Record<string, Json | undefined>> {
  return isObject(value) ? value : {}
}
