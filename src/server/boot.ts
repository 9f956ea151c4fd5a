// What must be right before a server holds keys: the Node that runs it, how that was started, and whose its data folder is.
import { stat } from 'node:fs/promises'
import { GatewayError } from '../canonical/errors.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** What a start is judged by. */
export interface Boot {
  readonly env: Environment
  /** Flags that Node itself was started with. */
  readonly execArgv: readonly string[]
  /** Of Node, such as `24.14.1`. */
  readonly version: string
  /** Milliseconds since 1970. */
  readonly nowMs: number
  readonly dataDir: string
}

export interface BootProblem {
  /** By which name the operator may waive it. */
  readonly gate: 'node' | 'certificates' | 'inspector' | 'data-folder'
  readonly message: string
  readonly fix: string
}

interface NodeLine {
  readonly major: number
  /** The first version without the holes of March 2026 (CVE-2026-21710 in `headersDistinct`, 21637, 21717 among them). */
  readonly floor: readonly [minor: number, patch: number]
  /** Of the line's support, from the release schedule of Node.js. */
  readonly end: string
}

const LINES: readonly NodeLine[] = [
  { major: 24, floor: [14, 1], end: '2028-04-30' },
  { major: 25, floor: [8, 2], end: '2026-06-01' },
  { major: 26, floor: [0, 0], end: '2029-04-30' },
]

/** Lets whoever holds an environment variable start a server all the same: names of gates, separated by commas. */
const WAIVER = 'PATCHBAY_WAIVE'

/** Throws GatewayError, with what to do, unless the operator has waived what is wrong. */
export async function assertBoot(boot: Boot): Promise<void> {
  const waived = new Set((boot.env[WAIVER] ?? '').split(',').map((gate) => gate.trim()))
  const problem = (await bootProblems(boot)).find(({ gate }) => !waived.has(gate))
  if (problem === undefined) return
  throw new GatewayError('invalid_request', `${problem.message} ${problem.fix}`, {
    code: `boot_${problem.gate.replace('-', '_')}`,
  })
}

export async function bootProblems(boot: Boot): Promise<readonly BootProblem[]> {
  const found = [
    nodeProblem(boot),
    trustProblem(boot.env),
    inspectorProblem(boot),
    await folderProblem(boot.dataDir),
  ]
  return found.flatMap((problem) => problem ?? [])
}

function nodeProblem({ version, nowMs }: Boot): BootProblem | undefined {
  const [major = 0, minor = 0, patch = 0] = version
    .split('.')
    .map((part) => Number.parseInt(part, 10))
  const line = LINES.find((one) => one.major === major)
  const [oldest] = LINES
  const fix = `Install a newer Node, or start with ${WAIVER}=node.`
  if (line === undefined) {
    if (oldest === undefined || major > oldest.major) return undefined
    return { gate: 'node', message: `Node ${version} is not supported.`, fix }
  }
  const [leastMinor, leastPatch] = line.floor
  if (minor < leastMinor || (minor === leastMinor && patch < leastPatch)) {
    const least = `${major}.${leastMinor}.${leastPatch}`
    return { gate: 'node', message: `Node ${version} has known holes that ${least} has not.`, fix }
  }
  if (nowMs <= Date.parse(`${line.end}T23:59:59Z`)) return undefined
  return {
    gate: 'node',
    message: `Node ${major} has got no repairs since ${line.end}.`,
    fix,
  }
}

/** Every key would go to whoever answers. */
function trustProblem(env: Environment): BootProblem | undefined {
  if (env['NODE_TLS_REJECT_UNAUTHORIZED'] !== '0') return undefined
  return {
    gate: 'certificates',
    message: 'NODE_TLS_REJECT_UNAUTHORIZED=0 would send every key to whoever answers.',
    fix: 'Unset it; for an authority of your own set NODE_EXTRA_CA_CERTS to its certificate.',
  }
}

/** A debugger reads every key, and runs what it likes; a lenient parser takes requests that others read otherwise. */
const DANGEROUS = /^--(?:inspect|insecure-http-parser|tls-min-v1\.[01])/

function inspectorProblem({ env, execArgv }: Boot): BootProblem | undefined {
  const given = [...execArgv, ...(env['NODE_OPTIONS'] ?? '').split(/\s+/)]
  const flag = given.find((one) => DANGEROUS.test(one))
  if (flag === undefined) return undefined
  return {
    gate: 'inspector',
    message: `Node was started with ${flag.replace(/=.*/, '')}, which lets others in.`,
    fix: `Leave it out, of NODE_OPTIONS too, or start with ${WAIVER}=inspector.`,
  }
}

const OTHERS_WRITE = 0o022

/** Who can write there can put tokens of their own in place. */
async function folderProblem(dataDir: string): Promise<BootProblem | undefined> {
  const found = await stat(dataDir).catch(() => undefined)
  const user = process.geteuid?.()
  // Windows has no such bits. A folder that is not there is made as it should be.
  if (found === undefined || user === undefined) return undefined
  if ((found.mode & OTHERS_WRITE) !== 0) {
    return {
      gate: 'data-folder',
      message: `Other users can write into the data folder ${dataDir}.`,
      fix: `chmod 700 ${dataDir}`,
    }
  }
  if (user === 0 || found.uid === user || found.uid === 0) return undefined
  return {
    gate: 'data-folder',
    message: `The data folder ${dataDir} is another user's.`,
    fix: 'Give it to this user, or choose another with PATCHBAY_HOME.',
  }
}
