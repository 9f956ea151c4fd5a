// docs/keys.md is true: its requests, sent in order to a real server, have the answers that it shows, and its lists are complete.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ENDPOINTS } from '../src/access/scope.ts'
import { ROLES } from '../src/access/role.ts'
import { ScriptedProvider } from '../src/testing.ts'
import { type Json, isArray, isObject, parseJson } from '../src/wire/json.ts'
import { examplesOf, placeOf } from './documentation.ts'
import { type Shown, isAnswer, readExample } from './http-example.ts'
import { type OpenGateway, openGateway } from './open-gateway.ts'
import { ROOT } from './packed.ts'

const PAGE = 'docs/keys.md'
const page = readFileSync(join(ROOT, PAGE), 'utf8')
const blocks = examplesOf(PAGE).filter(({ language }) => language === 'http')

let server: OpenGateway
/** Of the key that the page is about. */
let first = { id: '', secret: '' }

beforeAll(async () => {
  const local = new ScriptedProvider({
    providerType: 'local',
    name: 'local',
    models: ['smollm2-135m'],
    settings: { local: true },
    replies: [],
  })
  server = await openGateway({ providers: [local] })
})
afterAll(async () => server.close())

function filled(text: string): string {
  const words: Readonly<Record<string, string>> = {
    $PATCHBAY_ADMIN_TOKEN: server.adminToken,
    $ID: first.id,
    $SECRET: first.secret,
  }
  return text.replaceAll(/\$[A-Z_]+/g, (word) => words[word] ?? word)
}

async function send({ head, headers, body }: Shown): Promise<Response> {
  const [method = '', path = ''] = filled(head).split(' ')
  return fetch(`${server.url}${path}`, {
    method,
    headers: Object.entries(headers).map(([name, text]): [string, string] => [name, filled(text)]),
    body: body === '' ? null : body,
  })
}

const VOLATILE = new Set([
  'id',
  'shown',
  'created_by',
  'created_at',
  'updated_at',
  'secret',
  'next',
])

/** What is shown must be there; times and ids must only be of their kind. */
function expectShown(found: Json | undefined, shown: Json | undefined, at: string): void {
  if (isArray(shown)) {
    const list = isArray(found) ? found : []
    expect([at, list.length]).toEqual([at, shown.length])
    for (const [place, one] of shown.entries()) expectShown(list[place], one, `${at}[${place}]`)
    return
  }
  if (!isObject(shown)) return expect([at, found]).toEqual([at, shown])
  const object = isObject(found) ? found : {}
  for (const [name, value] of Object.entries(shown)) {
    const isOwn = name === 'id' && object['id'] === value
    if (VOLATILE.has(name) && !isOwn) {
      expect([`${at}.${name}`, typeof object[name]]).toEqual([`${at}.${name}`, typeof value])
    } else expectShown(object[name], value, `${at}.${name}`)
  }
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
      expectShown(json, parseJson(promised.body), 'answer')
      const made = isObject(json) ? json : {}
      if (first.id === '' && isObject(made['key'])) {
        first = { id: String(made['key']['id']), secret: String(made['secret']) }
      }
    })
  }

  it('are there', () => {
    expect(blocks.length).toBeGreaterThan(10)
    expect(blocks.filter(({ text }) => isAnswer(text))).toHaveLength(blocks.length / 2)
  })
})

describe('the lists', () => {
  it('have every endpoint and every role', () => {
    expect(ENDPOINTS.filter((name) => !page.includes(`\`${name}\``))).toEqual([])
    expect(ROLES.filter((name) => !page.includes(`| \`${name}\` |`))).toEqual([])
  })
})
