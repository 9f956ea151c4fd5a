// The primary of several processes: it starts them, keeps what they share, and answers no call itself.
import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { compact } from '../../canonical/compact.ts'
import { realAfter } from '../../canonical/after.ts'
import { IDEMPOTENCY } from '../../config/cache-schema.ts'
import type { PatchbayConfig } from '../../config/schema.ts'
import { startWorker } from '../../providers/local/worker-process.ts'
import { MAX_BYTES, MAX_ENTRIES } from '../../resilience/cache/cache-setup.ts'
import { MemoryEntries } from '../../resilience/cache/memory-entries.ts'
import { realEvery } from '../../resilience/limits/lease.ts'
import { MemoryLimits } from '../../resilience/limits/memory-limits.ts'
import { Crew, type Hand, type Lost } from '../../server/workers/crew.ts'
import type { Word } from '../../server/workers/line.ts'
import { Restarts } from '../../server/workers/restarts.ts'
import { ModelHouse } from '../../server/workers/model-house.ts'
import type { SharedParts } from '../../server/workers/shared-desk.ts'
import { MemoryAnswers } from '../../store/memory-answers.ts'
import { CommandFailure, EXIT } from '../exit.ts'
import { type Terminal, say } from '../terminal.ts'
import { freePort } from '../../transport/free-port.ts'
import { keepInside } from './keep-inside.ts'
import { reloadWhenTold, watchedOf } from './reload.ts'
import { type ServeOptions, logFormatOf } from './serve-options.ts'
import { untilStopped } from './stop.ts'

export interface Leading {
  readonly options: ServeOptions
  readonly config: PatchbayConfig
  readonly count: number
}

/** Whoever is still there so long after calls are cut is not coming to an end. */
const GRACE_MS = 10_000
const DRAIN_WAIT_MS = 5000
const DRAIN_MS = 25_000
/** Read once and then taken out of the environment, which the system shows to others. */
const PRIVATE = ['PATCHBAY_VAULT_KEY'] as const

/** Resolves once every worker has ended as it was told to. */
export async function lead(terminal: Terminal, { options, config, count }: Leading): Promise<void> {
  keepInside()
  const { server } = config
  const port = server.port === 0 ? await freePort(server.host) : undefined
  cluster.setupPrimary({ serialization: 'advanced' })
  const crew = new Crew({
    count,
    fork: () => handOf(cluster.fork()),
    parts: partsOf(config),
    models: new ModelHouse(startWorker),
    restarts: new Restarts(Date.now),
    env: takenOut(),
    now: Date.now,
    after: realAfter,
    lost: (lost) => sayLost(terminal, options, lost),
    ...compact({ port }),
  })
  const { drain } = server
  const patience = (drain?.waitMs ?? DRAIN_WAIT_MS) + (drain?.deadlineMs ?? DRAIN_MS) + GRACE_MS
  let isStopped = false
  const stopped = untilStopped(terminal, {
    close: async () => {
      isStopped = true
      const cancel = realAfter(patience, () => crew.kill())
      crew.stop()
      await crew.ended
      cancel()
    },
    hurry: () => crew.hurry(),
  })
  const stopReloading = reloadWhenTold(terminal, { gateway: crew, watched: watchedOf(config) })
  crew.start()
  const code = await crew.ended
  stopReloading()
  if (isStopped) return stopped.done
  throw new CommandFailure('No worker process answers any more; what the last one said is above.', {
    code: exitCodeOf(code),
  })
}

function partsOf({ cache = {}, idempotency = {}, responseStore }: PatchbayConfig): SharedParts {
  const now = Date.now
  const { maxEntries: cached = MAX_ENTRIES, maxBytes: cachedBytes = MAX_BYTES } = cache
  const once = { ...IDEMPOTENCY, ...idempotency }
  const { ttl, maxEntries, maxBytes } = responseStore
  return {
    limits: new MemoryLimits(now),
    entries: new MemoryEntries({
      maxEntries: cached + once.maxEntries,
      maxBytes: cachedBytes + once.maxBytes,
      clock: now,
      every: realEvery,
    }),
    answers: new MemoryAnswers({
      ttlMs: ttl * 1000,
      maxEntries,
      maxBytes,
      now,
      after: realAfter,
    }),
  }
}

function takenOut(): Readonly<Record<string, string>> {
  const taken = PRIVATE.flatMap((name) => {
    const value = process.env[name]
    Reflect.deleteProperty(process.env, name)
    return value === undefined ? [] : [[name, value] as const]
  })
  return Object.fromEntries(taken)
}

function handOf(worker: Worker): Hand {
  return {
    pid: worker.process.pid ?? 0,
    send: (words) => {
      if (worker.isConnected()) worker.send(words)
    },
    onWords: (hear) => worker.on('message', (words: readonly Word[]) => hear(words)),
    onEnd: (hear) => {
      // What it said last may arrive after it has gone.
      const silent = once(worker, 'disconnect')
      worker.once('exit', (code: number | null, signal) => {
        silent.then(() => hear({ code, signal })).catch(() => undefined)
      })
    },
    kill: () => worker.process.kill('SIGKILL'),
  }
}

function sayLost(terminal: Terminal, options: ServeOptions, lost: Lost): void {
  const format = logFormatOf(options)
  if (format === 'off') return
  const { rank, pid, code, signal, againMs } = lost
  if (format === 'json') {
    const time = new Date().toISOString()
    const entry = compact({ time, event: 'worker_ended', worker: rank, pid, again_ms: againMs })
    return say(terminal, JSON.stringify({ ...entry, code, signal }))
  }
  const how = signal === null ? `with exit code ${code}` : `by ${signal}`
  const next =
    againMs === undefined
      ? 'They end too soon to be started again'
      : `another takes its place in ${Number((againMs / 1000).toFixed(1))} s`
  say(terminal, `worker ${rank} (process ${pid}) ended ${how}: ${next}`)
}

function exitCodeOf(code: number): (typeof EXIT)[keyof typeof EXIT] {
  return Object.values(EXIT).find((known) => known === code && known !== EXIT.ok) ?? EXIT.failure
}
