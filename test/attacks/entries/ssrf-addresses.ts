// Providers that are registered at places inside: metadata, this machine, its network, in every spelling there is.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type * as addresses from '../../../src/transport/address.ts'
import type { Attack } from '../attack.ts'
import type { Build } from '../build.ts'
import { type CanaryListener, openCanaryListener } from '../canary-listener.ts'
import type { Answer, Stand } from '../stand.ts'

const EGRESS = 'src/transport/egress.ts'
const ADDRESS = 'src/transport/address.ts'

/** Takes away what keeps a registration to public places. */
const ANYWHERE: Attack['weaken'] = [
  {
    file: EGRESS,
    find: '  if (!isPublic(url)) throw notListed(url, name)\n',
    put: "  if (!isPublic(url)) return { url, reach: 'private' }\n",
  },
]

/** Tries each base URL, and asks whoever was let in for an answer. */
async function tryPlaces(
  stand: Stand,
  places: readonly string[],
  check: (answer: Answer, place: string) => void,
): Promise<void> {
  for (const [at, place] of places.entries()) {
    const name = `planted-${at}`
    const answer = await stand.ask('/api/providers/register', {
      key: stand.adminToken,
      body: { provider_type: 'custom', name, base_url: place, models: ['m'], api_key: 'sk-none' },
    })
    check(answer, place)
  }
}

function assertForbidden({ status, json, text }: Answer, place: string): void {
  assert.equal(status, 422, `${place} says ${status}: ${text}`)
  assert.match(JSON.stringify(json), /address_forbidden|invalid_base_url/, place)
}

async function withCanary(work: (canary: CanaryListener) => Promise<void>): Promise<void> {
  const canary = await openCanaryListener()
  try {
    await work(canary)
    assert.deepEqual(canary.heard, [], 'somebody called who was not to')
  } finally {
    await canary.close()
  }
}

/** A configuration that lists a host. */
function listing(host: string): string {
  return `egress: { allow: [{ scheme: http, host: '${host}', port: 80 }] }`
}

/** How `patchbay doctor` ends with a configuration. */
async function doctored(build: Build, yaml: string): Promise<number> {
  const cwd = mkdtempSync(join(tmpdir(), 'patchbay-attacked-'))
  try {
    writeFileSync(join(cwd, 'patchbay.yaml'), yaml)
    // Reads the configuration as a server would, and ends.
    const env = { PATCHBAY_HOME: join(cwd, 'data') }
    return (await build.command(['doctor', '--json'], { cwd, env })).code
  } finally {
    rmSync(cwd, { recursive: true, force: true })
  }
}

const METADATA = [
  'http://169.254.169.254/',
  'https://169.254.169.254/latest/meta-data',
  'http://[fd00:ec2::254]/',
  'https://[fd00:ec2:0:0:0:0:0:254]/',
  'http://100.100.100.200/',
  'http://168.63.129.16/',
  'http://169.254.170.2/v2/credentials',
  'http://metadata.google.internal/',
  'https://metadata.google.internal/computeMetadata/v1',
  'http://metadata/',
]

const loopback = (port: number): readonly string[] => {
  const hosts = [
    '127.0.0.1',
    '127.1',
    '127.0.1',
    '0177.0.0.1',
    '0177.1',
    '2130706433',
    '017700000001',
    '0x7f000001',
    '0x7f.0.0.1',
    '0x7f.1',
    '127.0.0.2',
    '127.255.255.254',
    '0.0.0.0',
    '0',
    '[::]',
    '[::1]',
    '[0:0:0:0:0:0:0:1]',
    'localhost',
    'LOCALHOST',
    'localhost.',
    'a.localhost',
    'localhost.localdomain',
    '127.0.0.1.',
    '127.0.0.1.nip.io',
    '127-0-0-1.sslip.io',
    'www.127.0.0.1.nip.io',
    '\u2460\u2461\u2466.0.0.1',
    '127\u30020\u30020\u30021',
    '\uff4cocalhost',
    '127.0.0.1%00',
  ]
  return hosts.flatMap((host) => [`http://${host}:${port}/v1`, `https://${host}/v1`])
}

const WRAPPED = [
  '[::ffff:169.254.169.254]',
  '[::ffff:a9fe:a9fe]',
  '[::ffff:127.0.0.1]',
  '[::ffff:10.0.0.1]',
  '[::7f00:1]',
  '[::10.0.0.1]',
  '[64:ff9b::a9fe:a9fe]',
  '[64:ff9b::7f00:1]',
  '[64:ff9b::10.0.0.1]',
  '[64:ff9b:1::a9fe:a9fe]',
  '[64:ff9b:1:a9fe:a9:fe00::]',
  '[64:ff9b:1:7f00:0:100::]',
  '[2002:7f00:1::]',
  '[2002:a9fe:a9fe::1]',
  '[2002:a00:1::]',
  '[2001:0:4136:e378:8000:63bf:5601:5601]',
  '[2001:0:1:1:1:1:80ff:fffe]',
]

const INSIDE = [
  '10.0.0.1',
  '10.255.255.255',
  '172.16.0.1',
  '172.31.255.254',
  '192.168.0.1',
  '100.64.0.1',
  '100.127.255.254',
  '198.18.0.1',
  '192.0.0.1',
  '192.0.2.1',
  '198.51.100.1',
  '203.0.113.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '[fe80::1]',
  '[fec0::1]',
  '[fc00::1]',
  '[fd12:3456::1]',
  '[ff02::1]',
  '[2001:db8::1]',
]

export const addressAttacks: readonly Attack[] = [
  {
    id: 'S001',
    name: 'registers the metadata service of a cloud machine, and has it listed first',
    run: async (build) => {
      const stand = await build.server()
      await tryPlaces(stand, METADATA, assertForbidden)
      for (const host of ['169.254.169.254', 'fd00:ec2::254', '::ffff:169.254.169.254']) {
        assert.equal(await doctored(build, listing(host)), 78, `${host} can be listed`)
      }
    },
    weaken: [...ANYWHERE, { file: EGRESS, find: '  refuseForbidden(url, rules)\n', put: '' }],
  },
  {
    id: 'S002',
    name: 'registers this machine under another of its names',
    run: async (build) => {
      const stand = await build.server()
      await withCanary(async ({ port }) => {
        const places = [...loopback(port), `http://127.0.0.1:${stand.port}`]
        assert.ok(places.length > 60)
        await tryPlaces(stand, places, assertForbidden)
      })
    },
    weaken: ANYWHERE,
  },
  {
    id: 'S003',
    name: 'wraps an IPv4 address of the inside into an IPv6 address',
    run: async (build) => {
      const stand = await build.server()
      const places = WRAPPED.flatMap((host) => [`https://${host}/v1`, `http://${host}/v1`])
      await tryPlaces(stand, places, assertForbidden)
    },
    weaken: [
      {
        file: ADDRESS,
        find: '  if (tunnel === undefined) return kindIn(V6, bytes) ??',
        put: "  if (tunnel !== undefined) return 'public'\n  if (tunnel === undefined) return kindIn(V6, bytes) ??",
      },
    ],
  },
  {
    id: 'S004',
    name: 'makes the guard refuse the whole world, so that somebody turns it off',
    run: async (build) => {
      const { addressKind } = await build.load<typeof addresses>('transport/address.ts')
      const open = ['8.8.8.8', '1.1.1.1', '::ffff:8.8.8.8', '2606:4700::1111', '172.32.0.1']
      assert.deepEqual(
        open.map((address) => addressKind(address)),
        open.map(() => 'public'),
      )
    },
    weaken: [
      {
        file: ADDRESS,
        find: "  v4('10.0.0.0', 8, 'private'),\n",
        put: "  v4('0.0.0.0', 0, 'private'),\n",
      },
    ],
  },
  {
    id: 'S005',
    name: 'registers the network around this machine, and ranges that lead nowhere',
    run: async (build) => {
      const stand = await build.server()
      const places = INSIDE.flatMap((host) => [`https://${host}/v1`, `http://${host}:8000/v1`])
      await tryPlaces(stand, places, assertForbidden)
    },
    weaken: [
      {
        file: ADDRESS,
        find: "  if (bytes.length === 4) return kindIn(V4, bytes) ?? 'public'\n",
        put: "  if (bytes.length === 4) return 'public'\n",
      },
    ],
  },
  {
    id: 'S010',
    name: 'registers other schemes, and ports where something else listens',
    run: async (build) => {
      const stand = await build.server()
      const schemes = ['file:///etc/passwd', 'unix:/run/docker.sock', 'javascript:alert(1)']
      const more = ['gopher', 'ftp', 'dict', 'ws', 'wss', 'ldap', 'tftp', 'jar', 'data']
      const ports = [21, 22, 23, 25, 53, 80, 110, 143, 2375, 3306, 5432, 6379, 8080, 10_250]
      await tryPlaces(
        stand,
        [
          ...schemes,
          ...more.map((scheme) => `${scheme}://models.example/v1`),
          ...ports.flatMap((port) => [
            `https://models.example:${port}/v1`,
            `http://models.example:${port}/v1`,
          ]),
          'http://models.example/v1',
          'https://models.example:0/v1',
        ],
        assertForbidden,
      )
    },
    weaken: [
      {
        file: EGRESS,
        find: '  if (!rules.publicPorts.includes(portOf(url)) && portOf(url) !== HTTPS) {\n',
        put: '  if (portOf(url) === 0) {\n',
      },
    ],
  },
  {
    id: 'D008',
    name: 'writes a URL that one parser reads as one host, and another as another',
    run: async (build) => {
      const stand = await build.server()
      await withCanary(async ({ port }) => {
        const inside = `127.0.0.1:${port}`
        const places = [
          `https://models.example\\@${inside}/`,
          `https://${inside}#@models.example`,
          `https://${inside}?@models.example`,
          'https://models.example:443\\\\.evil',
          `https:\\\\${inside}/v1`,
          `https:/${inside}`,
          `https:${inside}`,
          `https://models.example@${inside}/`,
          `https://user:word@models.example/`,
          `https://models.example%40${inside}/`,
          `https://models.example%2f@${inside}/`,
          `https://models.example\t@${inside}/`,
          `https://models.example\n/v1`,
          `https://models.example\u0000.evil/`,
          `https://models.example/v1#part`,
          `https://models.example/v1?to=${inside}`,
          'https://models.example./v1',
          'https://models%2eexample/v1',
          ' https://models.example/v1\r\nx: y',
          '//models.example/v1',
          'https://',
        ]
        await tryPlaces(stand, places, assertForbidden)
      })
    },
    weaken: [
      {
        file: 'src/transport/base-url.ts',
        find: "  if (/[\\p{Cc}\\s\\\\]/u.test(text)) return 'holds a space, a backslash or a control character'\n",
        put: '',
      },
      {
        file: 'src/transport/base-url.ts',
        find: '    broken: (url, text) => isRespelled(url, text),\n',
        put: '    broken: () => false,\n',
      },
    ],
  },
]
