// patchbay explain: what a request would do, found out without calling anybody.
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Command, Option } from 'commander'
import { compact } from '../../canonical/compact.ts'
import { POLICIES } from '../../canonical/note.ts'
import { CommandFailure, EXIT } from '../exit.ts'
import { openExplainer } from '../explain/open-explainer.ts'
import { explanationText, isRefused } from '../explain/print-explanation.ts'
import { type SharedOptions, withConfig, withJson } from '../options.ts'
import { type Terminal, pipedText, print, printJson } from '../terminal.ts'

interface ExplainOptions extends SharedOptions {
  readonly model?: string
  readonly dialect?: string
  readonly path?: string
  readonly header?: readonly string[]
  readonly policy?: string
}

export function explainCommand(terminal: Terminal): Command {
  return withJson(withConfig(new Command('explain')))
    .description(
      'explain what a request would do, without calling anybody; fails when it would be refused',
    )
    .argument('<file>', 'the body of the request as its client sends it; - is stdin')
    .option('-m, --model <name>', 'another target than the model that the request names')
    .option('-d, --dialect <id>', 'its protocol (default: what path or body say without doubt)')
    .option('--path <path>', 'where it would be sent, such as /v1beta/models/x:generateContent')
    .option('-H, --header <line...>', 'a header that it would have, such as "anthropic-beta: x"')
    .addOption(new Option('--policy <word>', 'which losses pass').choices(POLICIES))
    .option('--url <url>', 'a running Patchbay (default: $PATCHBAY_URL, else the configuration)')
    .option('--token <token>', 'the admin token (default: $PATCHBAY_ADMIN_TOKEN)')
    .option('--key <key>', 'the client key, when there is no token: it shows less')
    .action((file: string, options: ExplainOptions) => explain(terminal, file, options))
}

async function explain(terminal: Terminal, file: string, options: ExplainOptions): Promise<void> {
  const { dialect, path, model, policy } = options
  const body = await textOf(terminal, file)
  const headers = headersOf(options.header)
  const explainer = await openExplainer(terminal, options)
  try {
    const answer = await explainer.explain(compact({ body, dialect, path, headers, model, policy }))
    if (options.json === true) printJson(terminal, answer)
    else print(terminal, explanationText(answer))
    if (!isRefused(answer)) return
    throw new CommandFailure('This request would be refused.', {
      code: EXIT.failure,
      reported: true,
    })
  } finally {
    await explainer.close()
  }
}

async function textOf(terminal: Terminal, file: string): Promise<string> {
  if (file !== '-') return fileText(resolve(terminal.cwd, file))
  const text = await pipedText(terminal)
  if (text !== undefined) return text
  throw new CommandFailure('No request came in on stdin.', {
    code: EXIT.usage,
    next: 'For example: patchbay explain - --model openai/gpt-5 <request.json',
  })
}

async function fileText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (thrown) {
    throw new CommandFailure(`The file ${path} cannot be read.`, {
      code: EXIT.usage,
      cause: thrown,
    })
  }
}

function headersOf(lines: readonly string[] | undefined): Record<string, string> | undefined {
  if (lines === undefined) return undefined
  return Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':')
      if (colon > 0) return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()]
      throw new CommandFailure(`"${line}" is no header. Write it as "name: value".`, {
        code: EXIT.usage,
      })
    }),
  )
}
