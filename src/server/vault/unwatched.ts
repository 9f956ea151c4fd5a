// Refuses to open a vault in a process that anybody may look into with a debugger.
import { vaultProblem } from '../../vault/problem.ts'

/** The flags of Node that let others read the memory of the process. */
const WATCHING =
  /^--(?:inspect(?:-brk|-wait|-port|-publish-uid)?|heapsnapshot-signal|debug(?:-brk)?)(?:=|$)/

/** Lifts the refusal, for who develops Patchbay. */
const WATCHED_VARIABLE = 'PATCHBAY_VAULT_INSPECT'

export function assertUnwatched(
  execArgv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): void {
  if (env[WATCHED_VARIABLE] === '1') return
  const flags = [...execArgv, ...(env['NODE_OPTIONS'] ?? '').split(/\s+/)]
  const flag = flags.find((one) => WATCHING.test(one))
  if (flag === undefined) return
  throw vaultProblem(
    'vault_key_unfit',
    `${flag.split('=')[0]} lets whoever reaches it read every secret of the vault. Start without it, or set ${WATCHED_VARIABLE}=1 where the vault holds nothing real.`,
  )
}
