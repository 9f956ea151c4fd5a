// How a request may be addressed: what names this server, what a path means, and which pages may call.
import assert from 'node:assert/strict'
import type { Attack } from '../attack.ts'
import type { Stand } from '../stand.ts'

const PERIMETER = 'src/server/perimeter.ts'
const APPLICATION = 'src/server/application.ts'

/** A door of the admin without a token, and one that is open, under names that are not the server's. */
async function tryNames(stand: Stand, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const host = name.replaceAll('PORT', String(stand.port))
    for (const path of ['/api/status', '/']) {
      const status = await stand.statusOf(`GET ${path}`, [`Host: ${host}`])
      assert.ok([400, 421].includes(status), `${host} at ${path}: ${status}`)
    }
  }
}

/** `PORT` stands for that of the server. */
const CONFUSED_HOSTS = [
  'x/v1/models?',
  'x/?y=',
  'a#b',
  'localhost#',
  'localhost/',
  'localhost/..',
  'localhost?',
  'localhost\\evil.test',
  '127.0.0.1:PORT@evil.test',
  'user@localhost',
  'user:pass@localhost:PORT',
  'localhost:PORT:PORT',
  'localhost:',
  'localhost:port',
  'localhost:99999999',
  'localhost%00',
  'localhost%2eevil.test',
  'local host',
  'localhost,evil.test',
  'localhost;evil.test',
  '[::1',
  '::1',
  '[::1]evil.test',
  '[localhost]',
  '-localhost',
  'localhost-',
  '.localhost',
  "localhost'",
  'localhost"',
  '<localhost>',
  '*',
  '',
]

const OTHER_HOSTS = [
  'evil.test',
  'evil.test:PORT',
  'localhost.evil.test',
  '127.0.0.1.evil.test',
  '127.0.0.1.nip.io',
  'localtest.me',
]

/** Ways in which this machine can be meant without being named. */
const REACHING_HOSTS = [
  '0.0.0.0:PORT',
  '0.0.0.0',
  '0:PORT',
  '127.1:PORT',
  '127.0.0.2:PORT',
  '2130706433:PORT',
  '0x7f000001:PORT',
  '017700000001:PORT',
  '[::]:PORT',
  '[::ffff:127.0.0.1]:PORT',
  '[::ffff:7f00:1]:PORT',
  '[0:0:0:0:0:0:0:1]:PORT',
  'localhost.:PORT',
  'localhost.localdomain:PORT',
  'ip6-localhost:PORT',
]

const SPELLINGS = [
  '//api/status',
  '///api///status',
  '/api//status',
  '/API/status',
  '/Api/Status',
  '/api/./status',
  '/./api/status',
  '/v1/../api/status',
  '/api/hello/../status',
  '/v1/%2e%2e/api/status',
  '/v1/%2E%2E/api/status',
  '/v1/..%2fapi/status',
  '/v1/..%5capi/status',
  '/%61pi/status',
  '/api%2fstatus',
  '/api/%73tatus',
  '/api;/status',
  '/api;x=1/status',
  '/api/status;x=1',
  '/api/status;.json',
  '/api/status.json',
  '/api/status/',
  '/api/status//',
  '/api/status/.',
  '/api/status/..;/status',
  '/api/status%00',
  '/api/status%20',
  '/api/status%09',
  '/api/status?',
  '/api/status#',
  '\\api\\status',
  '/\\api/status',
  '/api\\status',
  '/%2fapi/status',
  '/%252e%252e/api/status',
  '/v1/models/..%252f..%252fapi/status',
  'http://localhost/api/status',
  'http://evil.test/api/status',
  'api/status',
  '*',
]

const FOREIGN_ORIGINS = [
  'https://evil.test',
  'null',
  'https://127.0.0.1.evil.test',
  'http://localhost.evil.test',
  'http://localhost:9999',
  'http://127.0.0.1:1',
  'file://',
  'chrome-extension://abcdefghijklmnop',
  'https://localhost.',
]

const KEY_PARAMETERS = ['token', 'key', 'api_key', 'apikey', 'api-key', 'access_token', 'TOKEN']

export const perimeterAttacks: readonly Attack[] = [
  {
    id: 'A009',
    name: 'names a host that is read as part of the address',
    run: async (build) => {
      const stand = await build.server()
      await tryNames(stand, [...CONFUSED_HOSTS, ...OTHER_HOSTS])
      // Two names, or none, are nobody's.
      for (const hosts of [['Host: localhost', 'Host: evil.test'], []]) {
        assert.equal(await stand.statusOf('GET /', hosts), 400)
      }
    },
    weaken: [
      {
        file: PERIMETER,
        find: "    if (name === '') {\n",
        put: "    if (asked === '' || asked.includes(', ')) {\n",
      },
      {
        file: PERIMETER,
        find: '    if (this.#hosts.has(name) || this.#hosts.has(host)) {\n',
        put: '    if (host.includes(this.#hosts.values().next().value)) {\n',
      },
    ],
  },
  {
    id: 'A010',
    name: 'spells the path of a door of the admin in another way',
    run: async (build) => {
      const stand = await build.server()
      for (const path of SPELLINGS) {
        const status = await stand.statusOf(`GET ${path}`, [`Host: localhost:${stand.port}`])
        assert.ok([400, 401, 404].includes(status), `${path}: ${status}`)
      }
    },
    weaken: [
      {
        file: APPLICATION,
        find: 'if (isForAdmins) for',
        put: "if (this.#inbound.url.startsWith('/api/') && isForAdmins) for",
      },
      {
        file: APPLICATION,
        find: '    assertMay(caller, route)\n',
        put: "    if (route.access === 'client') assertMay(caller, route)\n",
      },
    ],
  },
  {
    id: 'A016',
    name: 'reaches this machine by an address that names every machine',
    run: async (build) => {
      const stand = await build.server()
      await tryNames(stand, REACHING_HOSTS)
    },
    weaken: [
      {
        file: PERIMETER,
        find: "const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'] as const",
        put: "const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]', '0.0.0.0'] as const",
      },
    ],
  },
  {
    id: 'A017',
    name: 'lets a page of another origin read what the admin may',
    run: async (build) => {
      const stand = await build.server()
      for (const origin of FOREIGN_ORIGINS) {
        for (const path of ['/api/status', '/api/providers', '/v1/models', '/']) {
          const asks = [
            { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'GET' } },
            { key: stand.adminToken, headers: { origin } },
          ]
          for (const ask of asks) {
            const { status, headers } = await stand.ask(path, ask)
            assert.equal(status, 403, `${origin} ${path}`)
            assert.equal(headers.get('access-control-allow-origin'), null)
            assert.equal(headers.get('access-control-allow-credentials'), null)
          }
        }
      }
    },
    weaken: [
      {
        file: PERIMETER,
        find: '    if (this.#origins.has(origin)) {\n',
        put: "    if (this.#origins.has(origin) || origin !== '') {\n",
      },
    ],
  },
  {
    id: 'A018',
    name: 'opens a stream or a WebSocket from a page of another origin, with the token in the address',
    run: async (build) => {
      const stand = await build.server()
      const host = `Host: localhost:${stand.port}`
      const authorization = `Authorization: Bearer ${stand.adminToken}`
      const upgrade = [
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      ]
      for (const path of ['/api/events', '/v1/realtime', '/']) {
        for (const origin of ['https://evil.test', `http://localhost:${stand.port}`]) {
          const lines = [host, authorization, `Origin: ${origin}`, ...upgrade]
          const status = await stand.statusOf(`GET ${path}`, lines)
          assert.ok(status >= 400, `${path} ${origin}: ${status}`)
        }
      }
      const lines = [host, authorization, 'Origin: https://evil.test', 'Accept: text/event-stream']
      assert.equal(await stand.statusOf('GET /api/events', lines), 403)
    },
    weaken: [
      {
        file: APPLICATION,
        find: '    this.#refuseUpgrade()\n    const origin = perimeter.assertOrigin(inbound, host)\n',
        put: "    const isStream = target.path === '/api/events'\n    if (!isStream) this.#refuseUpgrade()\n    const origin = isStream ? {} : perimeter.assertOrigin(inbound, host)\n",
      },
    ],
  },
  {
    id: 'A019',
    name: 'puts a token into the address',
    run: async (build) => {
      const stand = await build.server()
      const host = `Host: localhost:${stand.port}`
      for (const name of KEY_PARAMETERS) {
        for (const path of ['/api/status', '/api/events', '/v1/models']) {
          const token = `${name}=${stand.adminToken}`
          for (const query of [token, `x=1&${token}`, `${name}=wrong&${token}`]) {
            const status = await stand.statusOf(`GET ${path}?${query}`, [host])
            assert.equal(status, 400, `${path} ${name}`)
          }
        }
      }
    },
    weaken: [
      {
        file: 'src/server/credentials.ts',
        find: 'throw keyInUrl(name)',
        put: 'return query.get(name) ?? undefined',
      },
    ],
  },
]
