// No gateway at all: the client asks the upstream.
import type { Subject } from '../subject.ts'

export const direct: Subject = {
  name: 'direct',
  role: 'direct',
  missing: async () => undefined,
  start: async ({ url }) => ({
    lanes: [
      { kind: 'pass', url: `${url}/v1/chat/completions`, headers: {}, model: (pace) => pace },
    ],
    pids: () => [],
    stop: async () => undefined,
  }),
}
