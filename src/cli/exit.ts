// How a command ends: its exit code, and a failure that says what happened, why, and what to do next.
import { compact } from '../canonical/compact.ts'
import { type ErrorKind, GatewayError } from '../canonical/errors.ts'
import { ConfigError } from '../config/problem.ts'

/** Documented in docs/cli.md; the numbers above 63 are those of sysexits.h. */
export const EXIT = {
  ok: 0,
  failure: 1,
  /** Options or arguments that make no sense. */
  usage: 2,
  /** What lies on the disk or in the database is damaged, older than it was, or was changed by somebody. */
  data: 65,
  /** The server or the provider cannot be reached. */
  unavailable: 69,
  /** A token or key is missing or wrong. */
  permission: 77,
  /** The configuration is wrong. */
  config: 78,
  /** Stopped by Ctrl-C. */
  interrupted: 130,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

export interface FailureDetails {
  readonly code: ExitCode
  /** The next thing to do, often a command. */
  readonly next?: string
  /** Set when stdout already holds the command's JSON, which says the same. */
  readonly reported?: true
  readonly cause?: unknown
}

/** A failure that a person can act on. */
export class CommandFailure extends Error {
  override readonly name: string = 'CommandFailure'
  readonly code: ExitCode
  readonly next: string | undefined
  readonly reported: boolean

  constructor(message: string, details: FailureDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = details.code
    this.next = details.next
    this.reported = details.reported ?? false
  }
}

const CODES: Readonly<Partial<Record<ErrorKind, ExitCode>>> = {
  auth: EXIT.permission,
  permission: EXIT.permission,
  overloaded: EXIT.unavailable,
  timeout: EXIT.unavailable,
  upstream: EXIT.unavailable,
  cancelled: EXIT.interrupted,
}

/** Where the code of an error says more than its kind. */
const CODES_BY_REASON: Readonly<Record<string, ExitCode>> = {
  vault_corrupt: EXIT.data,
  vault_tampered: EXIT.data,
  vault_rollback: EXIT.data,
  secret_refused: EXIT.data,
  store_corrupt: EXIT.data,
  // It was waited for: whoever starts a server again and again would wait for it again and again.
  store_unavailable: EXIT.config,
  store_newer: EXIT.config,
  store_url: EXIT.config,
  vault_sealed: EXIT.permission,
  vault_key_refused: EXIT.permission,
  vault_key_unfit: EXIT.permission,
  vault_absent: EXIT.config,
}

/** Of failures that another configuration, or another way to start, would not have. */
const CONFIGURED = /^(?:no_tls|open_on_network|tls_files|boot_\w+)$/

/** The exit code that a gateway error stands for. */
function exitCodeOf({ kind, code = '' }: GatewayError): ExitCode {
  if (CONFIGURED.test(code)) return EXIT.config
  return CODES_BY_REASON[code] ?? CODES[kind] ?? EXIT.failure
}

const NEXT: Readonly<Record<string, string>> = {
  model_not_found: 'See what there is: patchbay models list',
  ambiguous_model: 'See what there is: patchbay models list',
  provider_not_found: 'See what there is: patchbay providers list',
  provider_disabled: 'See why: patchbay health',
  unknown_provider_type: 'What each of them is: docs/providers.md',
  no_provider: 'Add one: patchbay providers add',
  store_corrupt:
    'See what is damaged: patchbay store check. Put a backup in its place: docs/store.md#backup',
  store_unavailable: 'What may stand in store.url: docs/store.md#postgresql',
  store_url: 'What may stand there: docs/store.md#postgresql',
}

/** The command that helps with a failure of this code, where one does. */
export function nextFor(code: string | undefined): string | undefined {
  return code === undefined ? undefined : NEXT[code]
}

/** Anything thrown, as a failure; what nobody foresaw keeps its text. */
export function toFailure(thrown: unknown): CommandFailure {
  if (thrown instanceof CommandFailure) return thrown
  if (thrown instanceof ConfigError) {
    return new CommandFailure(thrown.message, {
      code: EXIT.config,
      next: 'Correct it, then try again. What may stand there: docs/configuration.md',
    })
  }
  if (thrown instanceof GatewayError) {
    const { message, code } = thrown
    const next = nextFor(code)
    return new CommandFailure(message, compact({ code: exitCodeOf(thrown), next, cause: thrown }))
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new CommandFailure(message, { code: EXIT.failure, cause: thrown })
}
