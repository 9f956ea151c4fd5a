// How open a server is, from where it listens and what its configuration says.
import { GatewayError } from '../canonical/errors.ts'
import { type AnonymousUse, type PatchbayConfig, isLoopbackHost } from '../config/schema.ts'

/** The part of the configuration that decides. */
export type Exposure = Pick<PatchbayConfig, 'auth'> & {
  readonly server: Pick<PatchbayConfig['server'], 'host' | 'open'>
}

/** Beyond this machine nobody is anonymous; on it the configuration decides, and `open` lifts all. */
export function anonymousUse({ server, auth }: Exposure): AnonymousUse {
  if (!isLoopbackHost(server.host)) return 'off'
  return server.open ? 'all' : auth.anonymous
}

/** Throws where the environment tells Node to trust any certificate: every key would go to whoever answers. */
export function assertTrust(env: Readonly<Record<string, string | undefined>>): void {
  if (env['NODE_TLS_REJECT_UNAUTHORIZED'] !== '0') return
  throw new GatewayError(
    'invalid_request',
    'NODE_TLS_REJECT_UNAUTHORIZED=0 would send every key to whoever answers. Unset it; for an authority of your own set NODE_EXTRA_CA_CERTS to its certificate.',
    { code: 'certificates_unchecked' },
  )
}

/** Throws where a configuration would let in calls without a key from other machines. */
export function assertExposure({ server, auth }: Exposure): void {
  if (isLoopbackHost(server.host) || (!server.open && auth.anonymous !== 'all')) return
  throw new GatewayError(
    'invalid_request',
    `The address ${server.host} can be reached from other machines, so calls without a key cannot be let in there. Leave out --open and auth.anonymous: all, or listen on 127.0.0.1.`,
    { code: 'open_on_network' },
  )
}
