// What is wrong with a configuration: where it stands, what it is, what was probably meant.
import { GatewayError } from '../canonical/errors.ts'

export interface ConfigProblem {
  /** As people write it: `providers[0].base_url`; empty for the file as a whole. */
  readonly path: string
  readonly message: string
  /** From 1; absent where the value did not come from a file. */
  readonly line?: number
}

/** `providers`, 0, `base_url` -> `providers[0].base_url`. */
export function pathText(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`
    return text === '' ? step : `${text}.${step}`
  }, '')
}

function print(problem: ConfigProblem, source: string): string {
  const where = problem.line === undefined ? source : `${source}:${problem.line}`
  return `${where}: ${problem.path === '' ? '' : `${problem.path} `}${problem.message}`
}

/** All that is wrong with one source (a file, or the environment), one line each. */
export class ConfigError extends GatewayError {
  override readonly name: string = 'ConfigError'
  readonly source: string
  readonly problems: readonly ConfigProblem[]

  constructor(source: string, problems: readonly ConfigProblem[]) {
    super('invalid_request', problems.map((problem) => print(problem, source)).join('\n'), {
      code: 'config',
    })
    this.source = source
    this.problems = problems
  }
}
