// docs/matrix.md: one table a client's protocol, a footnote for every way in which something is not exact.
import type { Note } from '../../src/canonical/note.ts'
import type { Dialect } from '../../src/dialects/dialect.ts'
import { dialects } from '../../src/dialects/registry.ts'
import { Footnotes } from './footnotes.ts'
import { groups } from './probes/groups.ts'
import type { PairRun } from './run.ts'
import { type Cell, type Verdict, cellOf } from './verdict.ts'

const SYMBOLS: Readonly<Record<Verdict, string>> = {
  exact: '●',
  approximated: '◐',
  impossible: '○',
}

const TITLES: Readonly<Record<string, string>> = {
  'openai-chat': 'Chat Completions',
  'openai-responses': 'Responses',
  'anthropic-messages': 'Messages',
  gemini: 'Gemini',
  'mistral-chat': 'Mistral',
  ollama: 'Ollama',
}

export function matrixPage(runs: readonly PairRun[]): string {
  const footnotes = new Footnotes()
  const tables = dialects.map((client) => table(client, runs, footnotes))
  return `${[introduction(runs), totals(runs), ...tables, footnotes.text()].join('\n\n')}\n`
}

function introduction(runs: readonly PairRun[]): string {
  const probes = runs.reduce((sum, run) => sum + [...run.features.values()].flat().length, 0)
  const fixtures = runs.reduce((sum, run) => sum + run.fixtures.length, 0)
  return `# What each protocol pair can do

This page is written by the tests (\`npx vitest run test/matrix.test.ts -u\`); a run fails when it is stale. Each cell is
computed: a small request that holds one feature is said in the client's protocol, translated, and read again as the
provider reads it; an answer, and its stream, goes the other way. Nothing here is an opinion.

| | |
|---|---|
| ● | exact: everything came as it went, and no note was needed |
| ◐ | approximated: something is said in another way, or only in part; the footnote says how and why |
| ○ | impossible: the provider's protocol has no place for it (for an answer: the client's has none); it is dropped with a note, or refused |
| – | the protocol that would have to say it first has no words for it |

The number behind a sign is the count of cases behind it. Weights: 1 advisory, 2 quality, 3 the meaning changes, 4 safety
or privacy; 0 is cosmetic and not told. What weighs 3 or more is refused with a 400 before anyone is called, unless the
caller allows it (\`x-patchbay-policy: lenient\`, up to 3); \`strict\` refuses from 2. What was changed stands in the answer's header
\`x-patchbay-notes\`. The list of all notes that each pair may leave is in \`test/expected-notes/\`, one file a pair.

The columns show a target of which nothing is known. A provider, or a compatible host, can take more or less than its
protocol says: its flags ([providers](providers.md)) are then what counts. Where client and provider speak the same protocol, the
client's own bytes pass, or pass with single keys changed ([decisions/004](../decisions/004-lanes.md)).

${probes} cases of ${countFeatures()} features, and ${fixtures} translations of the project's own fixtures under the same law: no loss without a note, no
note without a difference.`
}

function countFeatures(): number {
  return groups.reduce((sum, group) => sum + group.features.length, 0)
}

/** How many features of a pair are exact, approximated and impossible. */
function totals(runs: readonly PairRun[]): string {
  const rows = dialects.map((client) => {
    const cells = dialects.map((provider) => sumOf(runOf(runs, client, provider)))
    return `| **${titleOf(client)}** | ${cells.join(' | ')} |`
  })
  return `## Totals

Features that are exact · approximated · impossible, client below, provider beside.

${head('client')}
${rows.join('\n')}`
}

function sumOf(run: PairRun): string {
  const cells = [...run.features.values()].map((cases) => cellOf(cases)?.verdict)
  const count = (verdict: Verdict) => cells.filter((cell) => cell === verdict).length
  return `${count('exact')} · ${count('approximated')} · ${count('impossible')}`
}

function table(client: Dialect, runs: readonly PairRun[], footnotes: Footnotes): string {
  const columns = dialects.map((provider) => runOf(runs, client, provider))
  const rows = groups.flatMap((group) => [
    `| **${group.title}** |${' |'.repeat(columns.length)}`,
    ...group.features.map(({ title }) => {
      const cells = columns.map((run) => cellOf(run.features.get(title) ?? []))
      return `| ${title} | ${cells.map((cell) => printed(cell, footnotes)).join(' | ')} |`
    }),
  ])
  return `## Clients of ${titleOf(client)}\n\n${head('feature')}\n${rows.join('\n')}`
}

function printed(cell: Cell | undefined, footnotes: Footnotes): string {
  if (cell === undefined) return '–'
  const marks = cell.notes.map((note: Note) => footnotes.mark(note)).join('')
  return `${SYMBOLS[cell.verdict]} ${cell.cases}${marks}`
}

function head(first: string): string {
  return `| ${first} | ${dialects.map((dialect) => titleOf(dialect)).join(' | ')} |
|---|${'---|'.repeat(dialects.length)}`
}

function titleOf({ id }: Dialect): string {
  return TITLES[id] ?? id
}

function runOf(runs: readonly PairRun[], client: Dialect, provider: Dialect): PairRun {
  const found = runs.find((run) => run.client === client && run.provider === provider)
  if (found === undefined) throw new Error(`${client.id} with ${provider.id} was not run`)
  return found
}
