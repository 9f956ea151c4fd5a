// What happens, as facts: told once by whoever knows them, heard by metrics, log, events and tests.
import type { Cost } from '../canonical/cost.ts'
import type { GatewayError } from '../canonical/errors.ts'
import type { Usage } from '../canonical/usage.ts'
import type { AbortReason } from './abort-reason.ts'
import type { Exchange } from './exchange.ts'
import type { HeardAnswer } from './heard-answer.ts'
import type { Target } from './target.ts'
import type { Attempt } from './trail.ts'

// The cache of answers, and calls that are sent again.

/** The cache of answers had no part in a call that asked for it, or its answer was not put away. */
export interface CacheBypassed {
  readonly type: 'cache-bypassed'
  readonly id: string
  /** What was asked, or what the answer was: only whole, good ones of calls that do no more than answer are kept. */
  readonly reason:
    | 'abandoned'
    | 'asked'
    | 'cut-short'
    | 'failed'
    | 'hosted-tools'
    | 'not-text'
    | 'operation'
    | 'store-lost'
    | 'stored-upstream'
    | 'too-large'
}

/** A call waited for the same call that had come just before it, and got its answer. */
interface CacheCoalesced {
  readonly type: 'cache-coalesced'
  readonly id: string
}

/** A call was answered from the cache of answers. */
interface CacheHit {
  readonly type: 'cache-hit'
  readonly id: string
  /** Milliseconds since the answer was given. */
  readonly ageMs: number
}

/** A call asked for the cache of answers, and had to be made. */
interface CacheMiss {
  readonly type: 'cache-miss'
  readonly id: string
}

/** An answer was put into the cache. */
interface CacheStored {
  readonly type: 'cache-stored'
  readonly id: string
  /** Characters. */
  readonly length: number
}

/**
 * `first`: the call is made. `stored`, `not-stored`: its answer is kept for calls that come again, or its key is free again.
 * `replayed`: one that came again got it. `in-flight`, `mismatch`: one was refused, for the first is under way or asked something else.
 */
export type IdempotencyResult =
  | 'first'
  | 'in-flight'
  | 'mismatch'
  | 'not-stored'
  | 'replayed'
  | 'store-lost'
  | 'stored'

/** What the Idempotency-Key of a call led to. */
interface Idempotency {
  readonly type: 'idempotency'
  readonly id: string
  readonly result: IdempotencyResult
}

// Calls: what a caller asked for, in the library too.

/** A call has come in. */
interface CallStarted {
  readonly type: 'call-started'
  /** The request id. */
  readonly id: string
  readonly operation: Exchange['operation']
  /** The public id of the caller's key. */
  readonly caller?: string
}

/** A call's answer has begun to come in pieces; its end follows. */
interface StreamStarted {
  readonly type: 'stream-started'
  readonly id: string
}

/** A call has had its one end. */
export interface CallEnded {
  readonly type: 'call-ended'
  readonly id: string
  readonly operation: Exchange['operation']
  readonly caller?: string
  /** `abandoned`: its reader left before the end. */
  readonly outcome: 'succeeded' | 'failed' | 'abandoned'
  readonly error?: GatewayError
  /** How its stream ended, where its answer came in pieces. */
  readonly streamEnd?: StreamEnded['end']
  /** Who answered, where somebody did. */
  readonly target?: Target
  readonly attempts: readonly Attempt[]
  readonly elapsedMs: number
  /** The last counts that were heard. */
  readonly usage?: Usage
  /** It was answered from the cache: its usage is that of the call that was made, and cost nothing again. */
  readonly cached?: true
}

// Attempts: what was asked of targets for a call.

/** A target has begun an answer. */
export interface AttemptAnswered {
  readonly type: 'attempt-answered'
  readonly id: string
  readonly target: Target
  /** Milliseconds to the beginning. */
  readonly elapsedMs: number
  /** The provider may have done the work of an earlier attempt too. */
  readonly replay?: true
  /** Which key of its credential it was made with, counted from 1. */
  readonly generation?: number
}

/** An answer that had begun is over, well or not. */
export interface AttemptEnded {
  readonly type: 'attempt-ended'
  readonly id: string
  readonly target: Target
  readonly outcome: CallEnded['outcome']
  /** What it said. */
  readonly heard: HeardAnswer
  readonly elapsedMs: number
}

/** A target has failed, before its answer began or within it. */
export interface AttemptFailed {
  readonly type: 'attempt-failed'
  readonly id: string
  readonly target: Target
  readonly when: 'before-answer' | 'in-answer'
  readonly error: GatewayError
  readonly elapsedMs: number
  readonly replay?: true
  readonly generation?: number
}

/** A client tries a call again by itself, on top of our own attempts. */
interface ClientRetrySeen {
  readonly type: 'client-retry-seen'
  readonly id: string
  /** How often it says that it has tried before. */
  readonly count: number
}

/** Why a credential is left alone. */
export type CredentialFault = 'auth' | 'billing' | 'permission' | 'quota'

interface CredentialFact {
  readonly provider: string
  /** The credential's label. */
  readonly credential: string
  /** Which of its keys, counted from 1. */
  readonly generation: number
}

/** A provider said that the quota of a credential is used up: it is left alone for a while. */
interface CredentialExhausted extends CredentialFact {
  readonly type: 'credential-exhausted'
  readonly forMs: number
}

/** A provider refused a credential: it is not used until its key is changed, somebody lifts that, or a free check succeeds. */
interface CredentialQuarantined extends CredentialFact {
  readonly type: 'credential-quarantined'
  readonly reason: CredentialFault
  /** Only this model is closed to it. */
  readonly model?: string
  /** Absent: until something is done about it. */
  readonly forMs?: number
}

/** A credential has got another key, or its first one. */
interface CredentialReplaced extends CredentialFact {
  readonly type: 'credential-replaced'
}

/** A credential may be used again. */
interface CredentialRestored extends CredentialFact {
  readonly type: 'credential-restored'
  readonly by: 'operator' | 'probe'
}

/** A target was passed over unasked: its breaker lets nobody in. */
export interface AttemptSkipped {
  readonly type: 'attempt-skipped'
  readonly id: string
  readonly target: Target
  readonly state: TargetState
}

/** Two targets were asked at once, and one of them has lost. */
export interface HedgeEnded {
  readonly type: 'hedge-ended'
  readonly id: string
  /** How the second one fared; `failed`: neither has begun an answer. */
  readonly hedge: 'won' | 'lost' | 'failed'
  readonly winner?: Target
  readonly loser: Target
  /** What the loser has read, at the most: the operator's, and never the caller's. Absent where no price is known. */
  readonly cost?: Cost
}

/** A further attempt was not made, to spare the provider. */
export interface RetryDenied {
  readonly type: 'retry-denied'
  readonly id: string
  readonly target: Target
  readonly reason: 'budget' | 'ratio' | 'deadline'
}

/** A provider asked for a wait that is longer than any that is kept. */
export interface RetryHintClamped {
  readonly type: 'retry-hint-clamped'
  readonly id: string
  readonly target: Target
  /** What it asked for, in milliseconds. */
  readonly saidMs: number
  readonly keptMs: number
}

/** What further attempts may still cost at a provider has changed. */
export interface RetryBudgetChanged {
  readonly type: 'retry-budget-changed'
  readonly provider: string
  readonly tokens: number
}

/** What an answer used is known, or known not to be told. */
export interface UsageSettled {
  readonly type: 'usage-settled'
  readonly id: string
  readonly target: Target
  /** `provider`: its own counts of a whole answer. `partial`: those up to a cut. `estimate`: it told none, so that guesses stand. */
  readonly source: 'provider' | 'partial' | 'estimate'
  readonly usage?: Usage
  readonly cost?: Cost
}

// Targets: how they are.

/** As the circuit breaker of a target stands. */
export type TargetState = 'closed' | 'open' | 'half-open' | 'slow-start'

/** A target may be asked from now on, or not, or only a little. */
export interface TargetStateChanged {
  readonly type: 'target-state-changed'
  readonly target: Target
  readonly from: TargetState
  readonly to: TargetState
  /** Code or kind of its last failure. */
  readonly reason?: string
  /** Milliseconds until it is tried again. */
  readonly waitMs?: number
}

/** A target is left alone for a time, where there is another. */
export interface TargetCooled {
  readonly type: 'target-cooled'
  readonly target: Target
  readonly forMs: number
}

/** A target is asked although its breaker is open, because every other is open too; or is so no more. */
export interface PanicChanged {
  readonly type: 'panic-changed'
  readonly target: Target
  readonly panics: boolean
}

/** A provider was asked whether it is there, at no cost. */
export interface ProbeEnded {
  readonly type: 'probe-ended'
  readonly provider: string
  readonly healthy: boolean
  readonly elapsedMs: number
}

/** What a provider says to its key is known, or is something else than before. */
export interface KeyChecked {
  readonly type: 'key-checked'
  readonly provider: string
  readonly standing: 'ok' | 'invalid' | 'unknown'
}

// Limits.

/** The shared count of limits was asked for something. */
export interface LimiterAsked {
  readonly type: 'limiter-asked'
  readonly operation: 'charge' | 'check' | 'lease' | 'release' | 'renew' | 'take'
  readonly answered: boolean
  readonly elapsedMs: number
}

/** The shared count of limits is found lost, or found again. */
interface LimiterBackend {
  readonly type: 'limiter-backend'
  readonly state: 'up' | 'down'
  /** Why it is lost: `redis_timeout`, `redis_lost` ... */
  readonly reason?: string
}

/** Limits let a call pass, or refused it. */
export interface LimiterDecided {
  readonly type: 'limiter-decided'
  readonly id: string
  /** Those of its caller, once a call; those of its target, before each attempt. */
  readonly of: 'caller' | 'target'
  /** How it was decided: by one process alone, by all together or, while their count is lost, in one of the ways that limits have for that. */
  readonly mode: 'memory' | 'shared' | 'local' | 'leased' | 'closed'
  readonly granted: boolean
}

/** The shared count of limits has failed. */
interface LimiterError {
  readonly type: 'limiter-error'
  /** `redis_lost`, `redis_timeout`, `redis_protocol`, `redis_loading`, `redis_readonly`, `redis_memory`, `redis_settling` ... */
  readonly reason: string
}

/** A slice of a limit was paid for in advance: it may be spent while the shared count is lost. */
interface LimiterLeased {
  readonly type: 'limiter-leased'
  /** Whose, and of what. */
  readonly key: string
  readonly amount: number
}

/** The shared count had lost what it knew, and was told. */
interface LimiterReseeded {
  readonly type: 'limiter-reseeded'
  /** All of it; or it was seen that one count was missing, as evicted. */
  readonly reason: 'memory-lost' | 'count-missing'
  /** How many counts this process told of. */
  readonly counts: number
}

// The server.

/** An HTTP request has the head of its answer. */
export interface RequestAnswered {
  readonly type: 'request-answered'
  readonly id: string
  readonly method: string
  /** As the client wrote it. */
  readonly path: string
  /** As it stands in the table of routes; absent where none is there. */
  readonly route?: string
  readonly status: number
  /** Milliseconds to the head of the answer. */
  readonly elapsedMs: number
  /** The public id of the caller's key. */
  readonly caller?: string
  /** Who answered, where a provider did. */
  readonly provider?: string
  readonly model?: string
  /** What translation changed, in the form of the header `x-patchbay-notes`, but whatever the policy tells the caller. */
  readonly notes?: string
  /** Who was asked and what came of it, where a model was to be asked. */
  readonly attempts?: readonly Attempt[]
  /** The same with those that were passed over, in the form of the header `x-patchbay-trail`. */
  readonly trail?: string
  readonly error?: GatewayError
}

/** A connection to a provider was opened, or could not be. */
export interface Connected {
  readonly type: 'connected'
  readonly outcome: 'opened' | 'failed'
  readonly elapsedMs: number
}

/** A client has left a call that was under way. */
export interface ClientGone {
  readonly type: 'client-gone'
  readonly id: string
  /** `queue`: nobody had been asked yet; `ttft`: before the answer began; `stream`: within it. */
  readonly phase: 'queue' | 'ttft' | 'stream'
}

/** A streamed answer has had its one end: `whole`, broken by its provider, or cut by somebody. */
export interface StreamEnded {
  readonly type: 'stream-ended'
  readonly id: string
  readonly end: 'whole' | 'failed' | AbortReason
  readonly target?: Target
}

/** A connection was given up because its client was too slow: in the head or body of its request, or in taking its answer. */
export interface SlowClient {
  readonly type: 'slow-client'
  readonly phase: 'head' | 'body' | 'answer'
}

/** The server stops: it takes calls for a moment longer, but says that it is not ready. */
export interface DrainStarted {
  readonly type: 'drain-started'
  /** Calls under way. */
  readonly calls: number
}

/** No call is under way any more. */
export interface DrainEnded {
  readonly type: 'drain-ended'
  readonly elapsedMs: number
  /** Calls that were cut because the time was up. */
  readonly cut: number
}

/** Every fact, one member each. */
export type Happening =
  | AttemptAnswered
  | AttemptEnded
  | AttemptFailed
  | AttemptSkipped
  | CacheBypassed
  | CacheCoalesced
  | CacheHit
  | CacheMiss
  | CacheStored
  | CallEnded
  | CallStarted
  | ClientGone
  | ClientRetrySeen
  | Connected
  | CredentialExhausted
  | CredentialQuarantined
  | CredentialReplaced
  | CredentialRestored
  | DrainEnded
  | DrainStarted
  | HedgeEnded
  | Idempotency
  | KeyChecked
  | LimiterAsked
  | LimiterBackend
  | LimiterDecided
  | LimiterError
  | LimiterLeased
  | LimiterReseeded
  | PanicChanged
  | ProbeEnded
  | RequestAnswered
  | RetryBudgetChanged
  | RetryDenied
  | RetryHintClamped
  | SlowClient
  | StreamEnded
  | StreamStarted
  | TargetCooled
  | TargetStateChanged
  | UsageSettled

export type Tell = (happening: Happening) => void
