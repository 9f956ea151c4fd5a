// What is connected to, and what is sent there: names that lead inside, proxies, realms, ourselves, keys at another's address.
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type * as gateways from '../../../src/server/gateway.ts'
import type * as transports from '../../../src/transport/http-transport.ts'
import type { Attack } from '../attack.ts'
import { CANARIES } from '../canaries.ts'
import { openCanaryListener } from '../canary-listener.ts'
import { type OpenGateway, openGateway } from '../../open-gateway.ts'
import type { Stand } from '../stand.ts'

const CONNECTOR = 'src/transport/connector.ts'
const HTTP = 'src/transport/http-transport.ts'

const MODELS = 'https://models.example/v1'

async function register(stand: Stand, body: object): Promise<number> {
  const { status } = await stand.ask('/api/providers/register', {
    key: stand.adminToken,
    body: { provider_type: 'custom', models: ['m'], ...body },
  })
  return status
}

/** A port that nobody listens at. */
async function freePort(): Promise<number> {
  const listener = await openCanaryListener()
  await listener.close()
  return listener.port
}

/** Every source file that runs, with its text. */
function sources(root: string): readonly (readonly [path: string, text: string])[] {
  const folder = join(root, 'src')
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !/\.(?:test|contract|arbitrary)\.ts$/.test(path))
    .map((path) => [path.replaceAll('\\', '/'), readFileSync(join(folder, path), 'utf8')])
}

/** Of `node:net`, what only looks at addresses opens nothing. */
const CALLS_OUT =
  /(?:from|import\()\s*'(?:undici|node:(?:https|tls|dgram|http2|dns))'|\b(?:connect|createConnection|Socket)\b[^}]*\} from 'node:net'|(?<![.\w])fetch\(|new (?:WebSocket|EventSource)\(/

/** The guard, and who takes connections with TLS. */
const MAY_OPEN = /^transport\/|^server\/node\.ts$/

export const connectionAttacks: readonly Attack[] = [
  {
    id: 'S006',
    name: 'registers a name that leads inside, or does so later',
    run: async (build) => {
      const { createGateway } = await build.load<typeof gateways>('server/gateway.ts')
      const leads = new Map([['internal.evil.test', '10.0.0.5']])
      const opened: OpenGateway = await openGateway({
        createGateway,
        resolver: async (host) => [{ address: leads.get(host) ?? '8.8.8.8', family: 4 }],
      })
      const ask = async (path: string, body: object): Promise<readonly [number, string]> => {
        const response = await fetch(`${opened.url}${path}`, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${path.includes('chat') ? opened.clientKey : opened.adminToken}`,
            connection: 'close',
          },
          body: JSON.stringify(body),
        })
        return [response.status, await response.text()]
      }
      try {
        const evil = { provider_type: 'custom', models: ['m'], base_url: '' }
        const path = '/api/providers/register'
        for (const host of ['internal.evil.test', 'later.evil.test']) {
          const body = { ...evil, name: host, base_url: `https://${host}/v1` }
          const [status, text] = await ask(path, body)
          assert.equal(status, host.startsWith('later') ? 201 : 422, text)
        }
        leads.set('later.evil.test', '127.0.0.1')
        const call = { message: 'x', provider: 'later.evil.test', model: 'm' }
        const [status, text] = await ask('/api/chat/multi', call)
        assert.equal(status, 403, text)
        assert.match(text, /address_forbidden/)
      } finally {
        await opened.close()
      }
    },
    weaken: [
      {
        file: CONNECTOR,
        find: '    vetAddresses(addresses, vetting)\n    this.#vetted = addresses\n',
        put: '    this.#vetted = addresses\n',
      },
    ],
  },
  {
    id: 'S008',
    name: 'names an IP address itself, for which no name is looked up',
    run: async (build) => {
      const { createTransport } = await build.load<typeof transports>('transport/http-transport.ts')
      const canary = await openCanaryListener()
      const transport = createTransport()
      const patience = { connectMs: 2000, firstByteMs: 2000, idleMs: 2000, totalMs: 5000 }
      try {
        for (const host of ['127.0.0.1', '[::ffff:127.0.0.1]']) {
          const sent = transport.send({
            method: 'GET',
            url: new URL(`http://${host}:${canary.port}/`),
            headers: {},
            reach: 'public',
            timeouts: patience,
            signal: new AbortController().signal,
          })
          await assert.rejects(sent, { code: 'address_forbidden' })
        }
        assert.deepEqual(canary.heard, [])
      } finally {
        await transport.close()
        await canary.close()
      }
    },
    weaken: [
      {
        file: CONNECTOR,
        find: '      if (isIP(host) !== 0) looking.vet([host], options.vetting)\n',
        put: '      if (isIP(host) === -1) looking.vet([host], options.vetting)\n',
      },
    ],
  },
  {
    id: 'S012',
    name: 'moves a provider to an address of its own, and keeps the key',
    run: async (build) => {
      const stand = await build.start()
      const body = { name: 'moved', base_url: MODELS, api_key: CANARIES.keyByApi }
      assert.equal(await register(stand, body), 201)
      const elsewhere = { name: 'moved', base_url: 'https://evil.example/v1' }
      assert.equal(await register(stand, elsewhere), 409)
      for (const method of ['PATCH', 'PUT']) {
        const path = '/api/providers/moved'
        const key = stand.adminToken
        const tag = (await stand.ask(path, { key })).headers.get('etag') ?? '*'
        const { status, text } = await stand.ask(path, {
          method,
          key,
          headers: { 'if-match': tag },
          body: { base_url: 'https://evil.example/v1' },
        })
        assert.ok([404, 405, 409, 422].includes(status), `${method} says ${status}: ${text}`)
      }
      const { json } = await stand.ask('/api/providers', { key: stand.adminToken })
      assert.match(JSON.stringify(json), /"name":"moved"/)
      assert.doesNotMatch(JSON.stringify(json), /evil\.example/)
      const key = stand.adminToken
      await stand.ask('/api/providers/moved', { method: 'DELETE', key })
      assert.equal(await register(stand, elsewhere), 201)
      const after = await stand.ask('/api/providers', { key })
      assert.match(after.text, /"name":"moved"[^{}]*"has_key":false/, 'the key came along')
    },
    weaken: [
      {
        file: 'src/server/registry/registrar.ts',
        find: '    if (was.origin === is.origin && was.providerType === is.providerType) return\n',
        put: '    if (was.providerType === is.providerType) return\n',
      },
    ],
  },
  {
    id: 'S014',
    name: 'reads the network through the button that tries a connection out',
    run: async (build) => {
      const stand = await build.start()
      const body = { provider_type: 'custom', name: 'x', base_url: 'http://10.0.0.1:22/v1' }
      const path = '/api/providers/test'
      assert.equal((await stand.ask(path, { body })).status, 401)
      assert.equal((await stand.ask(path, { key: stand.clientKey, body })).status, 403)
      const place = { ...body, base_url: stand.forbidden.url }
      const places = [body, place, { ...body, base_url: 'http://169.254.169.254/v1' }]
      const tries = Array.from({ length: 11 }, (_, at) => places[at % places.length] ?? body)
      const answers = await Promise.all(
        tries.map(async (one) => {
          const startedAt = performance.now()
          const answer = await stand.ask(path, { key: stand.adminToken, body: one })
          return { ...answer, ms: performance.now() - startedAt }
        }),
      )
      const statuses = answers.map(({ status }) => status).toSorted((one, other) => one - other)
      assert.deepEqual(statuses, [...Array.from({ length: 10 }, () => 422), 429])
      const early = answers.filter(({ status, ms }) => status === 422 && ms < 1400)
      assert.deepEqual(early, [])
    },
    weaken: [
      {
        file: 'src/server/routes/test-connection.ts',
        find: "    access: 'admin',\n",
        put: "    access: 'client',\n",
      },
    ],
  },
  {
    id: 'S015',
    name: 'sets a proxy in the environment',
    run: async (build) => {
      const proxy = await openCanaryListener()
      const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY']
      const proxies = names.flatMap((name) => [name, name.toLowerCase()])
      try {
        const stand = await build.start({
          env: {
            ...Object.fromEntries(proxies.map((name) => [name, proxy.url])),
            NODE_USE_ENV_PROXY: '1',
          },
        })
        assert.equal((await stand.chat()).status, 200)
        assert.deepEqual(proxy.heard, [])
        assert.equal(stand.upstream.requests.length, 1)
      } finally {
        await proxy.close()
      }
    },
    weaken: [
      {
        file: HTTP,
        find: "import { Connections } from './connections.ts'\n",
        put: "import { EnvHttpProxyAgent } from 'undici'\nimport { Connections } from './connections.ts'\n",
      },
      {
        file: HTTP,
        find: 'connections.dispatch(wire, handler)',
        put: 'new EnvHttpProxyAgent().dispatch({ ...wire, origin: request.url.origin }, handler)',
      },
    ],
  },
  {
    id: 'S016',
    name: 'answers with a realm where a token is to be fetched',
    run: async (build) => {
      const stand = await build.start()
      const realm = `Bearer realm="${stand.forbidden.url}/token",service="x"`
      stand.upstream.reply({
        status: 401,
        headers: { 'www-authenticate': realm },
        chunks: ['{"error":{"message":"sign in"}}'],
      })
      const { status, headers } = await stand.chat()
      assert.ok(status >= 400)
      assert.doesNotMatch(headers.get('www-authenticate') ?? '', /realm="http/)
      assert.equal(stand.upstream.requests.length, 1)
      assert.deepEqual(stand.forbidden.heard, [])
    },
    weaken: [
      {
        file: 'src/providers/upstream.ts',
        find: '    const text = await this.#text(answer)\n    throw this.#refusal(',
        put: `    const [, realm] = /realm="([^"]+)"/.exec(answer.headers['www-authenticate'] ?? '') ?? []
    if (realm !== undefined) await fetch(realm, { headers })
    const text = await this.#text(answer)
    throw this.#refusal(`,
      },
    ],
  },
  {
    id: 'S018',
    name: 'calls out from code that is not the guard’s',
    run: async (build) => {
      const calling = sources(build.root).filter(([, text]) => CALLS_OUT.test(text))
      const outside = calling.map(([path]) => path).filter((path) => !MAY_OPEN.test(path))
      assert.ok(calling.length > 2)
      assert.deepEqual(outside, [])
    },
    weaken: [
      {
        file: 'src/prices/price-list.ts',
        find: 'export function priceList(',
        put: "void fetch('http://10.0.0.1/prices.json')\nexport function priceList(",
      },
    ],
  },
  {
    id: 'S019',
    name: 'registers the gateway with itself, be its own place listed',
    run: async (build) => {
      const port = await freePort()
      const hosts = ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]']
      const stand = await build.start({
        flags: ['--port', String(port)],
        env: { PATCHBAY_EGRESS_ALLOW: hosts.map((host) => `http://${host}:${port}`).join(',') },
      })
      assert.equal(stand.port, port)
      for (const host of hosts) {
        const body = { name: 'loop', base_url: `http://${host}:${port}/v1` }
        assert.equal(await register(stand, body), 422, host)
      }
    },
    weaken: [
      {
        file: HTTP,
        find: '.includes(port) && addresses.some(isOwnMachine)) throw ownAddress()\n',
        put: '.includes(-port) && addresses.some(isOwnMachine)) throw ownAddress()\n',
      },
    ],
  },
]
