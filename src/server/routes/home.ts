// The page at the root: what this is and where its doors are.
import { compact } from '../../canonical/compact.ts'
import type { Outbound } from '../message.ts'
import { writePlainError } from '../plain-error.ts'
import type { Call, Route } from '../route.ts'

export interface HomeRouteOptions {
  readonly version: string
  /** Method and path of everything served. */
  readonly doors: readonly string[]
  /** Absent: for clients too. */
  readonly where?: 'admin'
}

const HEADERS = { 'content-type': 'text/html; charset=utf-8' }

export function homeRoute(options: HomeRouteOptions): Route {
  return {
    method: 'GET',
    path: '/',
    access: 'open',
    ...compact({ where: options.where }),
    writeError: writePlainError,
    description: { summary: 'Show what this server is', group: 'server' },
    handle: async (call) => home(options, call),
  }
}

function home({ version, doors }: HomeRouteOptions, call: Call): Outbound {
  const wantsPage = (call.headers['accept'] ?? '').includes('text/html')
  if (!wantsPage) {
    const text = `Patchbay ${version} is running. Described in full at /openapi.json:\n\n${doors.join('\n')}\n`
    return { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: text }
  }
  const list = doors.map((door) => `<li><code>${door}</code></li>`).join('')
  const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Patchbay</title>
<h1>Patchbay ${version}</h1>
<p>One server between any client and any model provider. It is running.</p>
<p>Described in full at <a href="/openapi.json">/openapi.json</a>:</p>
<ul>${list}</ul></html>`
  return { status: 200, headers: HEADERS, body: page }
}
