// Run in a network of its own by egress-network.test.ts: a gateway between canaries that nobody may call, at addresses that a machine elsewhere has not.
import { once } from 'node:events'
import { type Server, createServer } from 'node:net'
import { openGateway } from './open-gateway.ts'

const ADDRESSES = [
  '127.0.0.1',
  '::1',
  '10.1.2.3',
  '169.254.169.254',
  '192.168.7.7',
  'fd00:ec2::254',
]
const PORTS = [443, 8443, 8000]

interface Canary {
  readonly server: Server
  readonly place: string
  connections: number
}

async function canary(address: string, port: number): Promise<Canary> {
  const server = createServer()
  const own: Canary = { server, place: `${address} ${port}`, connections: 0 }
  server.on('connection', (socket) => {
    own.connections += 1
    socket.destroy()
  })
  server.listen(port, address)
  await once(server, 'listening')
  return own
}

function hostOf(address: string): string {
  return address.includes(':') ? `[${address}]` : address
}

const canaries = await Promise.all(
  ADDRESSES.flatMap((address) => PORTS.map(async (port) => canary(address, port))),
)
/** Names of the outside that lead inside, one for each address; the first time that it is asked about, a name is as good as any. */
const asked = new Map<string, number>()
const gateway = await openGateway({
  config: { egress: { publicPorts: [8443] } },
  resolver: async (host) => {
    const count = (asked.get(host) ?? 0) + 1
    asked.set(host, count)
    const address = ADDRESSES[Number(/^(?:evil|later)(\d)\./.exec(host)?.[1])] ?? '127.0.0.1'
    const isGood = host.startsWith('later') && count === 1
    return [{ address: isGood ? '8.8.8.8' : address, family: address.includes(':') ? 6 : 4 }]
  },
})

async function post(path: string, body: object): Promise<number> {
  const response = await fetch(`${gateway.url}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${path.includes('chat') ? gateway.clientKey : gateway.adminToken}`,
      connection: 'close',
    },
    body: JSON.stringify(body),
  })
  await response.arrayBuffer()
  return response.status
}

const urls = ADDRESSES.flatMap((address, at) => [
  `http://${hostOf(address)}:8000/v1`,
  `https://${hostOf(address)}/v1`,
  `https://evil${at}.example/v1`,
  `https://evil${at}.example:8443/v1`,
  `https://later${at}.example/v1`,
  `https://later${at}.sub.example:8443/v1`,
])
const statuses: Record<string, readonly number[]> = {}
for (const [at, url] of urls.entries()) {
  const name = `p${at}`
  const registered = await post('/api/providers/register', {
    provider_type: 'custom',
    name,
    base_url: url,
    models: ['m'],
  })
  const tried = registered === 201 ? [] : [registered]
  const chat = { message: 'x', provider: name, model: 'm' }
  statuses[url] = registered === 201 ? [201, await post('/api/chat/multi', chat)] : tried
}
// What the operator writes may be private, but never this.
for (const [at, host] of ['later3.example', 'later5.example'].entries()) {
  const name = `o${at}`
  const baseUrl = `http://${host}:8000/v1`
  gateway.gateway.manager.registerProvider({ providerType: 'custom', name, baseUrl, models: ['m'] })
  statuses[baseUrl] = [await post('/api/chat/multi', { message: 'x', provider: name, model: 'm' })]
}
// The way is open: who is listed is called.
const listed = canaries.find(({ place }) => place === '10.1.2.3 8000')
const before = canaries.map(({ connections }) => connections)
gateway.gateway.manager.registerProvider({
  providerType: 'custom',
  name: 'listed',
  baseUrl: 'http://10.1.2.3:8000/v1',
  models: ['m'],
})
await post('/api/chat/multi', { message: 'x', provider: 'listed', model: 'm' })

process.stdout.write(
  JSON.stringify({
    canaries: canaries.length,
    called: canaries.filter((_, at) => before[at] !== 0).map(({ place }) => place),
    statuses,
    listed: listed?.connections,
  }),
)
for (const { server } of canaries) server.close()
await gateway.close()
