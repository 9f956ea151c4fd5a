// Opens what knows the keys of an installation.
import { randomBytes } from 'node:crypto'
import type { Pepper } from '../../access/pepper.ts'
import { compact } from '../../canonical/compact.ts'
import type { PatchbayConfig } from '../../config/schema.ts'
import type { WatchedDocuments } from '../../store/documents/watched-documents.ts'
import type { AuthOptions } from '../auth.ts'
import type { Route } from '../route.ts'
import { type FirstKeys, firstKeys } from './first-keys.ts'
import { KeyBook } from './key-book.ts'
import { KeyDesk } from './key-desk.ts'
import { keyRoutes } from './key-routes.ts'
import { selfRoute } from './self-route.ts'
import { TeamDesk } from './team-desk.ts'
import { teamRoutes } from './team-routes.ts'

export interface KeysOptions {
  /** As it is in force now. */
  readonly config: () => PatchbayConfig
  readonly documents: WatchedDocuments
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** What digests are made with. Undefined where there is no vault; throws where it is sealed. */
  readonly pepper: () => Pepper | undefined
}

export interface OpenedKeys {
  readonly recognise: AuthOptions['recognise']
  readonly routes: readonly Route[]
  /** In clear those that were made at this start. */
  readonly made: FirstKeys
  close(): void
}

const DAY_MS = 86_400_000
/** How long keys go on that were digested with an earlier pepper and have not been used since. */
const RENEWAL_DAYS = 30

/** Throws where the store cannot be read. */
export async function openKeys(options: KeysOptions): Promise<OpenedKeys> {
  const { documents, now, pepper } = options
  const { dataDir, store } = options.config()
  const made = await firstKeys({
    documents,
    isLasting: store?.url?.reveal() !== 'memory:',
    dataDir,
    pepper: unsealed(pepper),
    random: randomBytes,
    now,
  })
  const settings = (): NonNullable<PatchbayConfig['keys']> => options.config().keys ?? {}
  const book = await KeyBook.open({
    documents,
    pepper,
    now,
    renewalMs: () => (settings().renewalDays ?? RENEWAL_DAYS) * DAY_MS,
  })
  const teams = new TeamDesk({ documents })
  const desk = new KeyDesk({ documents, pepper, now, random: randomBytes, settings })
  return {
    recognise: (key) => book.recognise(key),
    routes: [...keyRoutes({ desk, now }), ...teamRoutes(teams), selfRoute({ desk, now })],
    made: compact({ ...made }),
    close: () => book.close(),
  }
}

/** A vault may still be sealed at the first start: the first keys are then digested without it, until they are used. */
function unsealed(pepper: () => Pepper | undefined): Pepper | undefined {
  try {
    return pepper()
  } catch {
    return undefined
  }
}
