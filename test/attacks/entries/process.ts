// What can be read of the process itself, by who is on the machine and by who makes it crash.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { Attack } from '../attack.ts'
import { CANARIES, assertAbsent } from '../canaries.ts'
import { CRASHING } from '../crashing-plugin.ts'

const { keyByEnvironment, keyInFile } = CANARIES

export const processAttacks: readonly Attack[] = [
  {
    id: 'V010',
    name: 'reads secrets from the list of processes, a debugger, a report, or the last words of a crash',
    run: async (build) => {
      const stand = await build.start({ plugin: CRASHING })
      const argv = readFileSync(`/proc/${stand.pid}/cmdline`, 'latin1')
      assertAbsent('the list of processes', argv, [keyByEnvironment, keyInFile, ...stand.tokens])
      stand.signal('SIGUSR1')
      await stand.chat({ body: { model: 'plugged/report' } })
      assert.ok(stand.isAlive())
      assert.doesNotMatch(await stand.log(), /debugger listening/i)
      assert.equal([...stand.droppedFiles().keys()].filter((name) => /report/.test(name)).length, 1)
      await stand.assertSilent()
    },
    weaken: [
      {
        file: 'src/cli/serve/keep-inside.ts',
        find: 'process.report.excludeEnv = true',
        put: 'process.report.excludeEnv = false',
      },
    ],
  },
]
