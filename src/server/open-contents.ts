// The texts of calls that a server keeps: for which keys, where, and until when.
import type { ContentRule, PatchbayConfig } from '../config/schema.ts'
import type { ContentPolicy, ContentPolicyOf } from '../contents/content-policy.ts'
import { type KeptContent, keptContents } from '../contents/kept-contents.ts'
import type { Middleware } from '../exchange/exchange.ts'
import { keepContent, sweepContents } from '../store/contents/content-operations.ts'
import type { Database } from '../store/operation.ts'
import { type ContentCipher, type ContentKeyOf, contentCipher } from './contents/content-cipher.ts'
import type { After } from './message.ts'

export interface ContentSurroundings {
  readonly database: Database
  readonly inForce: { readonly config: PatchbayConfig }
  readonly now: () => number
  readonly after: After
  /** What the record of a key says of it; it goes before the configuration. */
  readonly ofKey?: ContentPolicyOf
  /** The key that texts are sealed with. */
  readonly keyOf: ContentKeyOf
}

export interface OpenedContents {
  readonly middleware: Middleware
  readonly cipher: ContentCipher
  /** Once no call is under way. */
  close(): Promise<void>
}

const SWEEP_MS = 3_600_000

export function openContents(around: ContentSurroundings): OpenedContents {
  const { database, inForce, now, after, ofKey = () => undefined, keyOf } = around
  const cipher = contentCipher(keyOf)
  const under = new Set<Promise<unknown>>()
  // A failure is told by the database itself, and no reason to fail the call.
  const track = (work: Promise<unknown>): void => {
    const done = work.catch(() => undefined).finally(() => under.delete(done))
    under.add(done)
  }
  const kept = async (content: KeptContent): Promise<void> =>
    database.run(keepContent, sealed(content, cipher))
  let callOff: (() => void) | undefined
  const sweep = (): void => {
    track(database.run(sweepContents, now()))
    callOff = after(SWEEP_MS, sweep)
  }
  sweep()
  return {
    cipher,
    middleware: keptContents({
      policyOf: (caller) => ofKey(caller) ?? policyIn(inForce.config.contents ?? [], caller),
      // Sealed within, so that a vault that is sealed keeps nothing and fails nobody.
      keep: (content) => track(kept(content)),
      now,
    }),
    close: async () => {
      callOff?.()
      await Promise.all(under)
    },
  }
}

function sealed(content: KeptContent, cipher: ContentCipher): KeptContent {
  const { callId, request, answer } = content
  return {
    ...content,
    request: cipher.seal(`${callId}/request`, request),
    answer: cipher.seal(`${callId}/answer`, answer),
  }
}

function policyIn(rules: readonly ContentRule[], caller: string): ContentPolicy | undefined {
  return rules.find(({ of }) =>
    of.endsWith('*') ? caller.startsWith(of.slice(0, -1)) : caller === of,
  )?.policy
}
