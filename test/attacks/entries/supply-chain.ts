// Attacks that come with what Patchbay is made of, or with the Node that runs it.
import assert from 'node:assert/strict'
import type * as updates from '../../../src/prices/price-update.ts'
import type * as boots from '../../../src/server/boot.ts'
import { lockedPackages, supplyProblems } from '../../supply.ts'
import type { Attack } from '../attack.ts'
import type { Build } from '../build.ts'

async function assertSupply({ root }: Build): Promise<void> {
  assert.ok(lockedPackages(root).length > 50)
  assert.deepEqual(supplyProblems(root), [])
}

async function startsOn(build: Build, version: string): Promise<boolean> {
  const { bootProblems } = await build.load<typeof boots>('server/boot.ts')
  const dataDir = build.root
  const nowMs = Date.parse('2026-11-28')
  const problems = await bootProblems({ env: {}, execArgv: [], version, nowMs, dataDir })
  return problems.every(({ gate }) => gate !== 'node')
}

const BOOT = 'src/server/boot.ts'

/** Where one of the packages that run stands in the lockfile. */
const LOCKED = '    "node_modules/commander": {\n'

export const supplyAttacks: readonly Attack[] = [
  {
    id: 'P001',
    name: 'runs a script of a package that comes along',
    run: assertSupply,
    weaken: [
      {
        file: 'package-lock.json',
        find: LOCKED,
        put: `${LOCKED}      "hasInstallScript": true,\n`,
      },
    ],
  },
  {
    id: 'P004',
    name: 'runs a script of Patchbay’s own when that is installed',
    run: assertSupply,
    weaken: [
      {
        file: 'package.json',
        find: '  "scripts": {\n',
        put: '  "scripts": {\n    "postinstall": "node bin/patchbay.js doctor",\n',
      },
    ],
  },
  {
    id: 'P006',
    name: 'has a list of prices taken that holds more than prices',
    run: async (build) => {
      const { readPriceUpdate, printPriceUpdate } =
        await build.load<typeof updates>('prices/price-update.ts')
      const model = { id: 'm', match: { equals: 'm' }, prices: { input_mtok: 1, output_mtok: 2 } }
      const vendor = { id: 'openai', models: [model] }
      const evil = [
        '[{"id":"openai","models":[],"__proto__":{"polluted":1}}]',
        JSON.stringify([{ ...vendor, models: [{ ...model, prices: { input_mtok: -1 } }] }]),
        JSON.stringify([{ ...vendor, models: [{ ...model, prices: { input_mtok: 1e300 } }] }]),
        '[{"id":"openai","models":[{"id":"m","match":{"equals":"m"},"prices":{"input_mtok":"free"}}]}]',
      ]
      for (const text of evil) assert.throws(() => readPriceUpdate(text), { name: 'GatewayError' })
      // Where a vendor is, and how its models are told by patterns, is not read at all.
      const moved = { ...vendor, base_url: 'https://evil.example', api_pattern: '.*evil.*' }
      const slow = { ...model, id: 'slow', match: { regex: '^(a+)+$' } }
      const kept = printPriceUpdate(
        readPriceUpdate(JSON.stringify([{ ...moved, models: [model, slow] }])),
      )
      assert.doesNotMatch(kept, /evil|regex|base_url/)
      assert.match(kept, /input_mtok/)
    },
    weaken: [
      {
        file: 'src/prices/price-update.ts',
        find: 'const dollars = z.number().min(0).max(1_000_000)\n',
        put: 'const dollars = z.number()\n',
      },
    ],
  },
  {
    id: 'P008',
    name: 'runs on a Node that gets no repairs, or has known holes',
    run: async (build) => {
      for (const version of ['18.20.8', '20.20.2', '22.22.2', '23.11.1', '24.14.0', '25.9.0']) {
        assert.equal(await startsOn(build, version), false, version)
      }
      assert.equal(await startsOn(build, process.versions.node), true)
    },
    weaken: [{ file: BOOT, find: '    nodeProblem(boot),\n', put: '' }],
  },
  {
    id: 'P010',
    name: 'has a package fetched from elsewhere',
    run: assertSupply,
    weaken: [
      {
        file: 'package-lock.json',
        find: LOCKED,
        put: `${LOCKED}      "resolved": "https://evil.example/commander.tgz",\n`,
      },
    ],
  },
  {
    id: 'Z004',
    name: 'sends keys that collide in the hash table of an old Node',
    run: async (build) => {
      for (const version of ['24.0.0', '24.14.0', '25.8.1']) {
        assert.equal(await startsOn(build, version), false, version)
      }
      const stand = await build.server()
      const startedAt = performance.now()
      const keys = Array.from({ length: 100_000 }, (_, at) => `"${at * 16_777_216}":0`)
      const { status } = await stand.ask('/v1/chat/completions', {
        key: stand.clientKey,
        body: `{"model":"cloud/m","messages":[{"role":"user","content":"go"}],"x":{${keys.join(',')}}}`,
      })
      assert.equal(status, 200)
      assert.ok(performance.now() - startedAt < 5000)
    },
    weaken: [
      { file: BOOT, find: '{ major: 24, floor: [14, 1],', put: '{ major: 24, floor: [0, 0],' },
    ],
  },
]
