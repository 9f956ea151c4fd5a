// Puts the configuration in force as it is now in its file.
import { z } from 'zod'
import { jsonAnswer } from '../message.ts'
import { writePlainError } from '../plain-error.ts'
import type { ReloadReport } from '../reload.ts'
import type { Route } from '../route.ts'

export function reloadRoute(reload: () => Promise<ReloadReport>): Route {
  return {
    method: 'POST',
    path: '/api/config/reload',
    access: 'admin',
    role: 'operator',
    audit: { action: 'config.reload' },
    writeError: writePlainError,
    description: {
      summary: 'Read the configuration anew; calls under way end as they began',
      group: 'server',
      response: z.object({
        generation: z.int().describe('Of the configuration in force; 1 is that of the start.'),
        changed: z.array(z.string()).describe('Sections that say something else and are in force.'),
        restart: z.array(z.string()).describe('Keys that take effect after a restart.'),
      }),
    },
    handle: async () => {
      const { generation, changed, restart } = await reload()
      return jsonAnswer({ generation, changed, restart })
    },
  }
}
