// How much to think: efforts, token budgets and switches, said in whichever of them the target knows.
import { compact } from '../../canonical/compact.ts'
import type { Note } from '../../canonical/note.ts'
import {
  type ChatRequest,
  EFFORTS,
  type Effort,
  type ReasoningControl,
} from '../../canonical/request.ts'
import { type Pass, unchanged } from './pass.ts'
import { omit } from './rewrite.ts'

/**
 * What a target can be told, as data.
 * `effort`: one word, `none` among `efforts` if thinking can be turned off.
 * `level`: a switch (on, off, auto), and a word of `efforts` beside it.
 * `budget`: a switch, and a number of tokens.
 */
export interface ReasoningTable {
  readonly speaks: 'effort' | 'level' | 'budget'
  readonly efforts: readonly Effort[]
  /** The fewest tokens the target takes as a budget; default 1024. */
  readonly minBudget?: number
  /** The target can be told whether to show its thinking. */
  readonly show?: 'native' | 'drop'
}

const SMALLEST_BUDGET = 1024
/** What thinking that is only switched on amounts to. */
export const DEFAULT_EFFORT: Effort = 'medium'

/** The most tokens that still count as each effort. */
const EFFORT_UP_TO: readonly (readonly [number, Effort])[] = [
  [0, 'none'],
  [1024, 'minimal'],
  [4096, 'low'],
  [12_288, 'medium'],
  [24_576, 'high'],
]

const BUDGETS: Readonly<Record<Effort, number>> = {
  none: 0,
  minimal: 1024,
  low: 2048,
  medium: 8192,
  high: 16_384,
  xhigh: 32_768,
  max: 32_768,
}

/** The effort a number of tokens stands for; undefined for a negative number, which leaves it to the model. */
export function effortOfBudget(tokens: number): Effort | undefined {
  if (tokens < 0) return undefined
  return EFFORT_UP_TO.find(([limit]) => tokens <= limit)?.[1] ?? 'xhigh'
}

/** The tokens an effort stands for; `max` is all that the answer may have but one. Not yet clamped. */
export function budgetOfEffort(effort: Effort, maxOutputTokens: number | undefined): number {
  if (effort === 'max' && maxOutputTokens !== undefined) return maxOutputTokens - 1
  return BUDGETS[effort]
}

/** Run after the output limit is known: a budget must stay below it. */
export function reasoning(table: ReasoningTable): Pass {
  return (request) => {
    const { reasoning: asked } = request
    if (asked === undefined) return unchanged(request)
    const notes: Note[] = []
    const shown = showable(asked, table, notes)
    const said = SPEAKERS[table.speaks](shown, { table, request, notes })
    if (sameControl(said, asked)) return { value: request, notes }
    return { value: { ...request, reasoning: said }, notes }
  }
}

interface Context {
  readonly table: ReasoningTable
  readonly request: ChatRequest
  readonly notes: Note[]
}

type Speaker = (asked: ReasoningControl, context: Context) => ReasoningControl

const SPEAKERS: Readonly<Record<ReasoningTable['speaks'], Speaker>> = {
  effort(asked, { table, notes }) {
    const wanted = wantedEffort(asked)
    const effort = wanted === undefined ? undefined : nearestEffort(wanted, table.efforts)
    if (wanted !== undefined && effort !== wanted) noteEffort(wanted, effort, notes)
    else if (asked.budgetTokens !== undefined) noteBudget(asked.budgetTokens, effort, notes)
    else if (asked.effort === undefined && asked.mode === 'on' && effort !== undefined) {
      notes.push({ ...note('synthesized', 'the target needs an effort', 0), to: effort })
    }
    return control(asked, { effort })
  },

  level(asked, { table, notes }) {
    const wanted = statedEffort(asked)
    if (wanted === 'none') return control(asked, { mode: 'off' })
    const effort = wanted === undefined ? undefined : nearestEffort(wanted, table.efforts)
    if (wanted !== undefined && effort === undefined) notes.push({ ...SWITCHED, from: wanted })
    else if (wanted !== undefined && effort !== wanted) noteEffort(wanted, effort, notes)
    else if (asked.budgetTokens !== undefined) noteBudget(asked.budgetTokens, effort, notes)
    const mode = wanted !== undefined && effort === undefined ? 'on' : asked.mode
    return control(asked, { mode, effort })
  },

  budget(asked, { table, request, notes }) {
    if (statedEffort(asked) === 'none') return control(asked, { mode: 'off' })
    if (
      asked.mode === undefined &&
      asked.effort === undefined &&
      asked.budgetTokens === undefined
    ) {
      return asked
    }
    const least = table.minBudget ?? SMALLEST_BUDGET
    const most = request.maxOutputTokens === undefined ? Infinity : request.maxOutputTokens - 1
    if (most < least) {
      notes.push(note('dropped', `thinking needs an output limit above ${least} tokens here`, 2))
      return control(asked, { mode: 'off' })
    }
    const wanted = wantedBudget(asked, request.maxOutputTokens, notes)
    const budgetTokens = Math.min(Math.max(wanted, least), most)
    if (asked.budgetTokens === wanted && budgetTokens !== wanted) {
      notes.push({
        ...note('clamped', `the target takes a budget from ${least} to ${most} tokens`, 2),
        from: wanted,
        to: budgetTokens,
      })
    }
    return control(asked, { mode: 'on', budgetTokens })
  },
}

/** What is left of an effort where there is a switch only. */
const SWITCHED: Note = {
  action: 'approximated',
  feature: 'reasoning_effort',
  path: 'reasoning',
  weight: 2,
  reason: 'the target can be told to think, not how much',
}

/** What was said as a word or as a number, `none` for a switch that is off. */
function statedEffort(asked: ReasoningControl): Effort | undefined {
  if (asked.mode === 'off') return 'none'
  if (asked.effort !== undefined) return asked.effort
  return asked.budgetTokens === undefined ? undefined : effortOfBudget(asked.budgetTokens)
}

function wantedEffort(asked: ReasoningControl): Effort | undefined {
  return statedEffort(asked) ?? (asked.mode === 'on' ? DEFAULT_EFFORT : undefined)
}

function wantedBudget(
  asked: ReasoningControl,
  maxOutputTokens: number | undefined,
  notes: Note[],
): number {
  if (asked.budgetTokens !== undefined && asked.budgetTokens >= 0) return asked.budgetTokens
  const budget = budgetOfEffort(asked.effort ?? DEFAULT_EFFORT, maxOutputTokens)
  notes.push(
    asked.effort === undefined
      ? { ...note('synthesized', 'the target needs a number of tokens', 0), to: budget }
      : {
          ...note('approximated', 'the target takes a number of tokens instead of an effort', 2),
          from: asked.effort,
          to: budget,
        },
  )
  return budget
}

/** The closest effort the target knows, the stronger of two; only `none` itself is ever turned off. */
function nearestEffort(wanted: Effort, efforts: readonly Effort[]): Effort | undefined {
  if (efforts.includes(wanted)) return wanted
  const at = EFFORTS.indexOf(wanted)
  return EFFORTS.filter((effort) => effort !== 'none' && efforts.includes(effort))
    .toReversed()
    .toSorted(
      (left, right) => Math.abs(EFFORTS.indexOf(left) - at) - Math.abs(EFFORTS.indexOf(right) - at),
    )
    .at(0)
}

function control(
  asked: ReasoningControl,
  said: {
    readonly mode?: ReasoningControl['mode']
    readonly effort?: Effort | undefined
    readonly budgetTokens?: number
  },
): ReasoningControl {
  return compact({ show: asked.show, extensions: asked.extensions, ...said })
}

function showable(asked: ReasoningControl, table: ReasoningTable, notes: Note[]): ReasoningControl {
  if (asked.show === undefined || table.show === 'native') return asked
  notes.push({
    action: 'dropped',
    feature: 'reasoning_display',
    path: 'reasoning.show',
    weight: 1,
    reason: 'the target cannot be told whether to show its thinking',
    from: asked.show,
  })
  return omit(asked, ['show'])
}

function noteEffort(wanted: Effort, effort: Effort | undefined, notes: Note[]): void {
  if (effort === undefined && wanted === 'none') return
  notes.push({
    ...(effort === undefined
      ? note('dropped', 'the target has no word for how much to think', 2)
      : note('approximated', 'the target has no word for this effort', 2)),
    from: wanted,
    ...compact({ to: effort }),
  })
}

function noteBudget(budget: number, effort: Effort | undefined, notes: Note[]): void {
  // Neither of them thinks.
  if (effort === undefined || effort === 'none') return
  notes.push({
    ...note('approximated', 'the target takes an effort instead of a number of tokens', 2),
    from: budget,
    to: effort,
  })
}

function note(action: Note['action'], reason: string, weight: Note['weight']): Note {
  return { action, feature: 'reasoning_effort', path: 'reasoning', weight, reason }
}

function sameControl(left: ReasoningControl, right: ReasoningControl): boolean {
  return (
    left.mode === right.mode &&
    left.effort === right.effort &&
    left.budgetTokens === right.budgetTokens &&
    left.show === right.show
  )
}
