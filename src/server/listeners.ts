// The addresses that a gateway answers at: one for all, or one for clients and one for the admin, stopped as one.
import { compact } from '../canonical/compact.ts'
import type { PatchbayConfig } from '../config/schema.ts'
import type { DrainReport } from './drain.ts'
import type { Application } from './message.ts'
import { type NodeServer, type NodeServerOptions, createNodeServer } from './node.ts'
import { readTls } from './tls-files.ts'

export interface Listening {
  /** Without a slash at the end. */
  readonly url: string
  readonly port: number
  /** Where the admin is answered, when not there. */
  readonly adminUrl?: string
  readonly ports: readonly number[]
}

export interface Listeners {
  listen(): Promise<Listening>
  close(): Promise<DrainReport | undefined>
  hurry(): void
  /** Reads the certificate anew. Throws GatewayError where it cannot be used; the one before stays then. */
  renew(): Promise<void>
  readonly calls: number
}

type Shared = Omit<NodeServerOptions, 'application' | 'tls' | 'proxies' | 'atAdmin'>

/** The application is told at which of them a request came in. */
export async function openListeners(
  config: Pick<PatchbayConfig, 'server' | 'admin'>,
  application: Application,
  shared: Shared,
): Promise<Listeners> {
  const { tls: files, behindProxy: proxies = [] } = config.server
  const read = async (): Promise<NodeServerOptions['tls']> =>
    files === undefined ? undefined : readTls(files)
  const tls = await read()
  const open = (own: Pick<NodeServerOptions, 'atAdmin'>): NodeServer =>
    createNodeServer({ ...shared, ...own, application, proxies, ...compact({ tls }) })
  const data = { ...config.server, server: open({}) }
  const admin =
    config.admin === undefined ? [] : [{ ...config.admin, server: open({ atAdmin: true }) }]
  const scheme = tls === undefined ? 'http' : 'https'
  const servers = [data, ...admin].map(({ server }) => server)
  return {
    listen: async () => {
      const port = await data.server.listen(data.host, data.port)
      const url = `${scheme}://${urlHost(data.host)}:${port}`
      const [own] = admin
      if (own === undefined) return { url, port, ports: [port] }
      const adminPort = await own.server.listen(own.host, own.port)
      const adminUrl = `${scheme}://${urlHost(own.host)}:${adminPort}`
      return { url, port, adminUrl, ports: [port, adminPort] }
    },
    close: async () => {
      const reports = await Promise.all(servers.map(async (server) => server.close()))
      const told = reports.flatMap((report) => report ?? [])
      if (told.length === 0) return undefined
      return { cut: told.reduce((sum, { cut }) => sum + cut, 0) }
    },
    hurry: () => {
      for (const server of servers) server.hurry()
    },
    renew: async () => {
      const fresh = await read()
      if (fresh !== undefined) for (const server of servers) server.renew(fresh)
    },
    get calls() {
      return servers.reduce((sum, server) => sum + server.calls, 0)
    },
  }
}

/** What to type to reach an address; the wildcards mean every address, this machine's own too. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}
