// The YAML of a configuration file: its value with `${NAME}` replaced, and the line of every path in it.
import {
  type Document,
  LineCounter,
  type YAMLError,
  isCollection,
  isMap,
  isNode,
  isScalar,
  parseDocument,
  visit,
} from 'yaml'
import { interpolate } from './interpolate.ts'
import { ConfigError, type ConfigProblem, pathText } from './problem.ts'

type Path = readonly (string | number)[]

export interface YamlFile {
  readonly value: unknown
  /** The line where a path (or, for one that is not there, what would hold it) stands; from 1. */
  lineOf(path: Path): number | undefined
}

/**
 * Reads the text of a file; `source` is its name in messages.
 * Throws ConfigError with the first syntax error, or with every variable that is missing. No message quotes the text: it may hold a key.
 */
export function readYaml(
  text: string,
  source: string,
  env: Readonly<Record<string, string | undefined>>,
): YamlFile {
  const lines = new LineCounter()
  // Pretty errors would quote the line.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const lineAt = (offset: number): number => lines.linePos(offset).line
  const [broken] = document.errors
  if (broken !== undefined) throw syntaxError(broken, { text, source, line: lineAt(broken.pos[0]) })
  const missing = replaceVariables(document, { env, lineAt })
  if (missing.length > 0) throw new ConfigError(source, missing)
  return {
    value: valueOf(document, source) ?? {},
    lineOf: (path) => {
      const offset = offsetOf(document, path)
      return offset === undefined ? undefined : lineAt(offset)
    },
  }
}

// An alias (`*name`) without its anchor, and anchors that unfold into a giant, only show when the value is built.
function valueOf(document: Document, source: string): unknown {
  try {
    return document.toJS()
  } catch {
    const message =
      'has an alias (*name) that stands for nothing, or aliases that unfold into too much; put a text that begins with * in quotes'
    throw new ConfigError(source, [{ path: '', message }])
  }
}

interface Place {
  readonly text: string
  readonly source: string
  readonly line: number
}

// Only the first one: the others mostly follow from it.
function syntaxError(error: YAMLError, { text, source, line }: Place): ConfigError {
  const reason = error.code.toLowerCase().replaceAll('_', ' ')
  const bare = text.split('\n')[line - 1]?.includes('${') === true
  const hint = bare ? '; put ${NAME} in double quotes when it stands inside { } or [ ]' : ''
  return new ConfigError(source, [
    { path: '', message: `is not valid YAML (${reason})${hint}`, line },
  ])
}

interface Replacing {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly lineAt: (offset: number) => number
}

function replaceVariables(
  document: Document,
  { env, lineAt }: Replacing,
): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = []
  visit(document, {
    Scalar(position, scalar, ancestors) {
      if (position === 'key' || typeof scalar.value !== 'string') return
      const result = interpolate(scalar.value, env)
      scalar.value = result.text
      const start = scalar.range?.[0]
      const path = pathText(pathOf([...ancestors, scalar]))
      problems.push(
        ...result.problems.map((message) => ({
          path,
          message,
          ...(start === undefined ? {} : { line: lineAt(start) }),
        })),
      )
    },
  })
  return problems
}

// From a chain of nodes (document, map, pair, sequence ...) to the keys and indexes that lead down it.
function pathOf(chain: readonly unknown[]): Path {
  return chain.flatMap((node, at): (string | number)[] => {
    const parent = chain[at - 1]
    if (isMap(parent)) {
      const pair = parent.items.find((item) => item === node)
      return isScalar(pair?.key) ? [String(pair.key.value)] : []
    }
    return isCollection(parent) ? [parent.items.findIndex((item) => item === node)] : []
  })
}

function offsetOf(document: Document, path: Path): number | undefined {
  for (let length = path.length; length >= 0; length -= 1) {
    const last = path[length - 1]
    const holder = length === 0 ? undefined : document.getIn(path.slice(0, length - 1), true)
    const pair = isMap(holder)
      ? holder.items.find((item) => isScalar(item.key) && item.key.value === last)
      : undefined
    const node = isScalar(pair?.key) ? pair.key : document.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range) return node.range[0]
  }
  return undefined
}
