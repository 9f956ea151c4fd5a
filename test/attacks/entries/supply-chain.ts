// Attacks that come with what Patchbay is made of, or with the Node that runs it.
import assert from 'node:assert/strict'
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
