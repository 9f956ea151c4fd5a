// The bare floor: `node:http` and undici's dispatch, and nothing besides.
import { fileURLToPath } from 'node:url'
import { familyOf } from '../process-cost.ts'
import { startNode } from '../processes.ts'
import type { Subject } from '../subject.ts'

const SERVER = fileURLToPath(new URL('../floor/server.ts', import.meta.url))

export const floor: Subject = {
  name: 'floor',
  role: 'floor',
  missing: async () => undefined,
  start: async ({ url }) => {
    const { pid, port, stop } = await startNode('gateway', SERVER, [url])
    const at = `http://127.0.0.1:${port}`
    return {
      lanes: [
        { kind: 'pass', url: `${at}/pass/chat/completions`, headers: {}, model: sameName },
        {
          kind: 'translate',
          url: `${at}/translate/chat/completions`,
          headers: {},
          model: sameName,
        },
      ],
      pids: () => familyOf(pid),
      stop,
    }
  },
}

function sameName(pace: string): string {
  return pace
}
