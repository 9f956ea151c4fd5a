// Where a PostgreSQL is, from its URL: how to connect, and what of it may be shown. A URL that is read wrongly may show its password,
// so what is unusual in one is refused, and never repeated.
import { readFileSync } from 'node:fs'
import type { ClientConfig } from 'pg'
import { compact } from '../../canonical/compact.ts'
import { GatewayError } from '../../canonical/errors.ts'

export interface Address {
  readonly connect: Readonly<
    Pick<ClientConfig, 'host' | 'port' | 'user' | 'password' | 'database' | 'ssl'>
  >
  /** For messages: without user and password. */
  readonly shown: string
}

const PARAMETERS = ['host', 'user', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey'] as const
const MODES = ['disable', 'require', 'verify-ca', 'verify-full'] as const
type Mode = (typeof MODES)[number]

const FORM =
  'It reads postgres://user:password@host:port/database, and what is not a letter or digit in the password stands there percent-encoded.'

/** Throws GatewayError `store_url`. */
export function postgresAddress(text: string): Address {
  const url = parsed(text)
  const given = url.searchParams
  const host = given.get('host') ?? url.hostname
  const port = url.port === '' ? 5432 : Number(url.port)
  const database = decoded(url.pathname.slice(1))
  const user = given.get('user') ?? decoded(url.username)
  const mode = modeOf(given.get('sslmode'), host)
  return {
    connect: {
      port,
      ssl: mode === 'disable' ? false : encryption(mode, given),
      ...compact({
        host: host === '' ? undefined : bare(host),
        user: user === '' ? undefined : user,
        password: url.password === '' ? undefined : decoded(url.password),
        database: database === '' ? undefined : database,
      }),
    },
    shown: `postgres://${host.startsWith('/') ? '' : `${host}:${port}`}/${database}`,
  }
}

function parsed(text: string): URL {
  // What `new URL` throws has the text in it.
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined) throw wrong(`is no URL. ${FORM}`)
  const { hash, pathname, search } = url
  const looksCut =
    hash !== '' || pathname.slice(1).includes('/') || `${pathname}${search}`.includes('@')
  if (looksCut) throw wrong(`is not what it is meant to be. ${FORM}`)
  const known = new Set<string>(PARAMETERS)
  if ([...url.searchParams.keys()].some((name) => !known.has(name))) {
    throw wrong(`has a parameter that is not known. Known are ${PARAMETERS.join(', ')}.`)
  }
  return url
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw wrong(`has a % in it that begins nothing. ${FORM}`)
  }
}

/** Without the brackets of an IPv6 address. */
function bare(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host
}

/** What is on this machine needs no encryption; all else has it, with a certificate that is checked, unless the URL says otherwise. */
function modeOf(given: string | null, host: string): Mode {
  if (given === null) return isHere(host) ? 'disable' : 'verify-full'
  const mode = MODES.find((known) => known === given)
  if (mode === undefined) throw wrong(`has an sslmode that is none of ${MODES.join(', ')}.`)
  return mode
}

function isHere(host: string): boolean {
  return host === '' || host.startsWith('/') || /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(host)
}

type Encryption = Exclude<ClientConfig['ssl'], boolean | undefined>

/** As libpq has it: `require` checks the certificate only where a root is given, `verify-ca` does not look at the name in it. */
function encryption(mode: Mode, given: URLSearchParams): Encryption {
  const ca = fileNamed(given.get('sslrootcert'))
  const looksAtName = mode === 'verify-full'
  return compact({
    ca,
    cert: fileNamed(given.get('sslcert')),
    key: fileNamed(given.get('sslkey')),
    rejectUnauthorized: mode !== 'require' || ca !== undefined,
    checkServerIdentity: looksAtName ? undefined : () => undefined,
  })
}

function fileNamed(path: string | null): string | undefined {
  if (path === null) return undefined
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw wrong(`names a file that cannot be read: ${path}.`, cause)
  }
}

function wrong(what: string, cause?: unknown): GatewayError {
  return new GatewayError('invalid_request', `store.url ${what}`, { code: 'store_url', cause })
}
