// What of all that happens has a line in the log of `patchbay serve`, and how it reads for people and for machines. No key, no body.
import { compact } from '../../canonical/compact.ts'
import type { CallEnded } from '../../exchange/facts/calls.ts'
import type { VaultFact } from '../../exchange/facts/vault.ts'
import type { Happening } from '../../exchange/happening.ts'
import { type Target, targetName } from '../../exchange/target.ts'
import type { JsonObject } from '../../wire/json.ts'
import { alertEntry, usageEntry } from './money-log.ts'
import { printable } from './printable.ts'
import { attemptsJson, requestJson, requestText } from './request-log.ts'

export const LOG_FORMATS = ['text', 'json', 'off'] as const
export type LogFormat = (typeof LOG_FORMATS)[number]

/** One line without its end; undefined when nothing is to be logged. */
export function logLine(fact: Happening, format: LogFormat, now: Date): string | undefined {
  if (format === 'off') return undefined
  // Every call has one.
  if (fact.type === 'request-answered') {
    return format === 'text' ? requestText(fact) : jsonLine(requestJson(fact), now)
  }
  const entry = entryOf(fact)
  if (entry === undefined) return undefined
  return format === 'text' ? entry.text : jsonLine(entry.json, now)
}

function jsonLine(entry: JsonObject, now: Date): string {
  return JSON.stringify({ time: now.toISOString(), ...entry })
}

interface Entry {
  readonly text: string
  readonly json: JsonObject
}

/** Undefined for what is only counted. */
function entryOf(fact: Happening): Entry | undefined {
  switch (fact.type) {
    case 'call-ended':
      return fact.streamEnd === undefined ? undefined : streamEntry(fact)
    case 'target-state-changed': {
      const { from, to, reason, waitMs } = fact
      const wait = waitMs === undefined ? '' : ` for ${seconds(waitMs)}`
      const why = reason === undefined ? '' : `: ${printable(reason)}`
      return {
        text: `target ${named(fact.target)} ${to}${wait}${why}`,
        json: compact({ event: 'target_state', ...fact.target, from, to, reason, wait_ms: waitMs }),
      }
    }
    case 'undeclared-tool': {
      const { id, target } = fact
      const tool = printable(fact.name)
      return {
        text: `${id} target ${named(target)} calls the tool ${tool}, which the request does not declare`,
        json: { event: 'undeclared_tool', id, ...target, tool },
      }
    }
    case 'target-cooled': {
      const { target, forMs } = fact
      return {
        text: `target ${named(target)} asked to be left alone for ${seconds(forMs)}`,
        json: { event: 'target_cooled', ...target, for_ms: Math.round(forMs) },
      }
    }
    case 'panic-changed': {
      const { target, panics } = fact
      const how = panics ? 'is asked although it fails: every other one does too' : 'is out of need'
      return {
        text: `target ${named(target)} ${how}`,
        json: { event: 'panic', ...target, panics },
      }
    }
    case 'key-checked': {
      const { provider, standing } = fact
      return {
        text: `key of ${provider} ${standing}`,
        json: { event: 'key_checked', provider, standing },
      }
    }
    case 'credential-exhausted': {
      const { provider, credential, forMs } = fact
      return {
        text: `credential ${provider}#${credential} has used up its quota: left alone for ${seconds(forMs)}`,
        json: { event: 'credential_exhausted', provider, credential, for_ms: Math.round(forMs) },
      }
    }
    case 'credential-quarantined': {
      const { provider, credential, reason, model } = fact
      const scope = model === undefined ? '' : ` for ${printable(model)}`
      return {
        text: `credential ${provider}#${credential} is no longer used${scope}: ${reason}`,
        json: compact({ event: 'credential_quarantined', provider, credential, reason, model }),
      }
    }
    case 'credential-replaced':
    case 'credential-restored': {
      const { provider, credential } = fact
      const what = fact.type === 'credential-replaced' ? 'has another key' : 'is used again'
      return {
        text: `credential ${provider}#${credential} ${what}`,
        json: { event: fact.type.replace('-', '_'), provider, credential },
      }
    }
    case 'slow-client':
      return {
        text: `client too slow in the ${fact.phase}`,
        json: { event: 'slow_client', phase: fact.phase },
      }
    case 'config-reloaded': {
      const { result, generation, error } = fact
      const why = error === undefined ? '' : `: ${printable(error.message)}`
      return {
        text: `configuration ${result}, number ${generation} in force${why}`,
        json: compact({ event: 'config_reloaded', result, generation, error: error?.message }),
      }
    }
    case 'drain-started':
      return {
        text: `stopping with ${fact.calls} calls under way`,
        json: { event: 'drain_started', calls: fact.calls },
      }
    case 'drain-ended': {
      const { elapsedMs, cut } = fact
      return {
        text: `stopped after ${seconds(elapsedMs)}, ${cut} calls cut`,
        json: { event: 'drain_ended', ms: Math.round(elapsedMs), cut },
      }
    }
    case 'limiter-backend': {
      const { state, reason } = fact
      const why = reason === undefined ? '' : ` (${reason})`
      return {
        text: `shared limits ${state === 'up' ? 'are counted in Redis' : `are counted alone: Redis is lost${why}`}`,
        json: compact({ event: `limiter_backend_${state}`, reason }),
      }
    }
    case 'store-state': {
      const { state, failure } = fact
      return {
        text: `database ${state === 'up' ? 'does its work again' : `does not do its work: ${failure ?? 'failed'}`}`,
        json: compact({ event: `store_${state}`, failure }),
      }
    }
    case 'alert-failed':
    case 'alert-raised':
    case 'alert-sent':
      return alertEntry(fact)
    case 'usage-settled':
      return usageEntry(fact)
    case 'ledger-recovered': {
      const { attempts } = fact
      return {
        text: `ledger settled ${attempts} calls of a gateway that died`,
        json: { event: 'ledger_recovered', attempts },
      }
    }
    case 'ledger-replayed': {
      const { records, known } = fact
      return {
        text: `ledger told the database ${records} records that had waited for it`,
        json: { event: 'ledger_replayed', records, known },
      }
    }
    case 'limiter-reseeded': {
      const { reason, counts } = fact
      return {
        text: `shared limits were told anew to Redis: ${reason}`,
        json: { event: 'limiter_reseeded', reason, counts },
      }
    }
    case 'vault-state':
    case 'vault-rotated':
    case 'vault-secret-refused':
    case 'vault-file-behind':
    case 'vault-kept':
      return vaultEntry(fact)
    default:
      return undefined
  }
}

function vaultEntry(fact: VaultFact): Entry {
  switch (fact.type) {
    case 'vault-state': {
      const { state, reason } = fact
      return {
        text: `vault ${state}${reason === undefined ? '' : `: ${reason}`}`,
        json: compact({ event: 'vault_state', state, reason }),
      }
    }
    case 'vault-rotated': {
      const { generation } = fact
      return {
        text: `vault has a new root key, generation ${generation}`,
        json: { event: 'vault_rotated', generation },
      }
    }
    case 'vault-secret-refused':
      return {
        text: `vault: secret ${printable(fact.key)} was changed by somebody else and does not open`,
        json: { event: 'vault_secret_refused', secret: fact.key },
      }
    case 'vault-kept': {
      const { operation, subject, refused } = fact
      const whose = subject === undefined ? '' : ` ${printable(subject)}`
      const outcome = refused === undefined ? '' : `: ${refused}`
      return {
        text: `vault ${operation}${whose}${outcome}`,
        json: compact({ event: 'vault_kept', operation, subject, refused }),
      }
    }
    case 'vault-file-behind':
      return {
        text: `vault.pbv could not be written: ${printable(fact.reason)}`,
        json: { event: 'vault_file_behind', reason: fact.reason },
      }
  }
}

/** The head of a stream has its line when it begins; what became of it is known at its end. */
function streamEntry(fact: CallEnded): Entry {
  const { id, caller, streamEnd = '', elapsedMs, attempts, target, usage, error } = fact
  const tokens = compact({ input: usage?.input?.total, output: usage?.output?.total })
  const { input = '?', output = '?' } = tokens
  const reason = error === undefined ? '' : ` ${error.code ?? error.kind}`
  const whose = target === undefined ? '' : ` ${named(target)}`
  return {
    text: `stream ${id} ${streamEnd} ${Math.round(elapsedMs)} ms${whose} ${input}+${output} tokens${reason}`,
    json: compact({
      event: 'stream_end',
      id,
      key: caller,
      end: streamEnd,
      ms: Math.round(elapsedMs),
      ...target,
      input_tokens: tokens.input,
      output_tokens: tokens.output,
      attempts: attemptsJson(attempts),
      error: error?.kind,
      code: error?.code,
    }),
  }
}

function named(target: Target): string {
  return printable(targetName(target))
}

function seconds(milliseconds: number): string {
  return `${Number((milliseconds / 1000).toFixed(1))} s`
}
