// How open a server is, from where it listens and what its configuration says.
import { GatewayError } from '../canonical/errors.ts'
import { type AnonymousUse, type PatchbayConfig, isLoopbackHost } from '../config/schema.ts'

/** The part of the configuration that decides. */
export type Exposure = Pick<PatchbayConfig, 'auth' | 'admin'> & {
  readonly server: Pick<PatchbayConfig['server'], 'host' | 'open' | 'tls' | 'behindProxy'>
}

/** Beyond this machine nobody is anonymous; on it the configuration decides, and `open` lifts all. */
export function anonymousUse({ server, auth }: Pick<Exposure, 'server' | 'auth'>): AnonymousUse {
  if (!isLoopbackHost(server.host)) return 'off'
  return server.open ? 'all' : auth.anonymous
}

/** Throws where a configuration would let in calls without a key from other machines, or keys be read on their way. */
export function assertExposure({ server, auth, admin }: Exposure): void {
  const { host, tls, behindProxy } = server
  if (!isLoopbackHost(host) && (server.open || auth.anonymous === 'all')) {
    throw refusal(
      'open_on_network',
      `The address ${host} can be reached from other machines, so calls without a key cannot be let in there. Leave out --open and auth.anonymous: all, or listen on 127.0.0.1.`,
    )
  }
  const exposed = [host, ...(admin === undefined ? [] : [admin.host])].find(
    (one) => !isLoopbackHost(one),
  )
  if (exposed === undefined || tls !== undefined || behindProxy !== undefined) return
  throw refusal(
    'no_tls',
    `The address ${exposed} can be reached from other machines, where keys would travel in the clear. Give server.tls a certificate and its key, or name the proxy that speaks TLS in server.behind_proxy, or listen on 127.0.0.1. See docs/deployment.md.`,
  )
}

function refusal(code: string, message: string): GatewayError {
  return new GatewayError('invalid_request', message, { code })
}
