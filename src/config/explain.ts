// What the schema found wrong, in words that say what to do and never quote a value: it may be a key.
import type { z } from 'zod'
import { nearestNames } from '../routing/nearest.ts'

/** One thing wrong with a value: where (keys and indexes from the top) and what. */
export interface SchemaIssue {
  readonly path: readonly (string | number)[]
  readonly message: string
}

function article(word: string): string {
  return /^[aeiou]/.test(word) ? `an ${word}` : `a ${word}`
}

function kindOf(value: unknown): string {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'a section' : article(typeof value)
}

const KINDS: Readonly<Record<string, string>> = {
  array: 'a list',
  object: 'a section',
  record: 'a section',
  int: 'a whole number',
}

function meant(word: string, known: readonly string[]): string {
  const [nearest] = nearestNames(word, known, 1)
  return nearest === undefined ? '' : `; did you mean ${nearest}?`
}

function expectedIn(issue: z.core.$ZodIssue): readonly string[] {
  if (issue.code !== 'invalid_type' || issue.path.length > 0) return []
  return [KINDS[issue.expected] ?? article(issue.expected)]
}

/** The message of one issue; undefined leaves zod's own. */
export function explain(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return 'is missing'
      return `must be ${KINDS[issue.expected] ?? article(issue.expected)}, not ${kindOf(issue.input)}`
    case 'too_small':
      if (issue.origin === 'string') return 'must not be empty'
      return `must be ${issue.inclusive === true ? 'at least' : 'more than'} ${issue.minimum}`
    case 'too_big':
      return `must be at most ${issue.maximum}`
    case 'invalid_union': {
      const expected = issue.errors.flat().flatMap((inner) => expectedIn(inner))
      return expected.length === 0
        ? undefined
        : `must be ${[...new Set(expected)].join(' or ')}, not ${kindOf(issue.input)}`
    }
    case 'invalid_value': {
      const values = issue.values.map(String)
      return `must be one of ${values.join(', ')}${meant(String(issue.input), values)}`
    }
    default:
      return undefined
  }
}

/** Every issue with its path; unknown keys one by one, each with the nearest that is known there. */
export function toIssues(
  { issues }: Pick<z.ZodError, 'issues'>,
  knownAt: (path: readonly (string | number)[]) => readonly string[],
): readonly SchemaIssue[] {
  return issues
    .flatMap((issue) => meantIssues(issue))
    .flatMap((issue): SchemaIssue[] => {
      const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)))
      if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message }]
      const known = knownAt(path)
      return issue.keys.map((key) => ({
        path: [...path, key],
        message: `is not a known key${meant(key, known) || `; known here: ${known.join(', ')}`}`,
      }))
    })
}

type Issue = z.core.$ZodIssue

/** Where a value may be written in several ways: what is wrong with the way that was chosen. */
export function meantIssues(issue: Issue): readonly Issue[] {
  if (issue.code !== 'invalid_union') return [issue]
  const chosen = issue.errors.find((issues) => !issues.some((one) => isOtherKind(one)))
  if (chosen === undefined) return [issue]
  return chosen.flatMap((inner) => meantIssues({ ...inner, path: [...issue.path, ...inner.path] }))
}

function isOtherKind({ code, path }: Issue): boolean {
  return code === 'invalid_type' && path.length === 0
}
