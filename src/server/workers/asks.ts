// What the primary and its workers ask each other, and what they tell.
import type { KeptAnswer } from '../../canonical/kept-answer.ts'
import type { OwnFact } from '../../exchange/happening.ts'
import type { FromWorker, ToWorker } from '../../providers/local/worker/protocol.ts'
import type {
  Charge,
  ConcurrencyTake,
  Denied,
  Granted,
  Take,
} from '../../resilience/limits/limit.ts'
import type { Conversation } from '../../store/answer-store.ts'
import type { GivenWord } from './given-word.ts'
import type { ReloadReport } from '../reload.ts'

interface Ask<Args, Answer> {
  readonly args: Args
  readonly answer: Answer
}

interface Entry {
  readonly key: string
  readonly text: string
  readonly ttlMs: number
}

interface AnswerOf {
  readonly owner: string
  readonly id: string
}

/** By name. */
export interface Asks {
  // Of the primary, which counts and keeps what all workers share.
  readonly take: Ask<readonly Take[], Granted | Denied>
  readonly charge: Ask<readonly Charge[], void>
  readonly renew: Ask<readonly ConcurrencyTake[], void>
  readonly release: Ask<readonly ConcurrencyTake[], void>
  readonly 'entry-get': Ask<string, string | undefined>
  readonly 'entry-set': Ask<Entry, void>
  readonly 'entry-claim': Ask<Entry, string | undefined>
  readonly 'entry-remove': Ask<string, void>
  readonly 'answer-put': Ask<{ readonly owner: string; readonly answer: KeptAnswer }, boolean>
  readonly 'answer-find': Ask<AnswerOf, KeptAnswer | undefined>
  readonly 'answer-conversation': Ask<AnswerOf, Conversation>
  readonly 'answer-holding': Ask<AnswerOf, KeptAnswer | undefined>
  readonly 'answer-remove': Ask<AnswerOf, boolean>
  // Of the primary, which asks all other workers.
  readonly 'others-counts': Ask<undefined, readonly string[]>
  readonly 'others-reload': Ask<undefined, void>
  // Of a worker.
  readonly counts: Ask<undefined, string>
  readonly reload: Ask<undefined, ReloadReport>
  readonly 'renew-certificate': Ask<undefined, void>
}

export type AskName = keyof Asks

/** What a worker begins with. */
export interface Start {
  readonly type: 'start'
  readonly rank: number
  readonly count: number
  /** How often a process in its place was started before. */
  readonly restarts: number
  readonly leads: boolean
  /** Whether it says to the operator where the server answers, and makes what a first start makes. */
  readonly greets: boolean
  /** What opens the vault, where another worker has opened it. */
  readonly vault?: readonly GivenWord[]
  /** Where the configuration leaves it to the system. */
  readonly port?: number
  /** What is not in the environment of any process but this one's memory. */
  readonly env: Readonly<Record<string, string>>
  /** What the others know of targets and credentials. */
  readonly facts: readonly OwnFact[]
}

export type News =
  | Start
  /** Of a worker: it waits for its start; it answers; it has closed. */
  | { readonly type: 'here' | 'up' }
  /** To a worker. */
  | { readonly type: 'lead' | 'stop' | 'hurry' }
  /** What one worker has seen, for all others. */
  | { readonly type: 'fact'; readonly fact: OwnFact }
  /** What runners of the embedded model and its one process say to each other, and that one of the two has gone. */
  | { readonly type: 'to-model'; readonly runner: number; readonly message: ToWorker }
  | { readonly type: 'from-model'; readonly runner: number; readonly message: FromWorker }
  | { readonly type: 'model-end'; readonly runner: number; readonly how: string }
  /** The vault was opened with these, or locked. */
  | { readonly type: 'vault'; readonly given: readonly GivenWord[] | undefined }
