// What may be said of keys and teams over the API: whatever is not named here is refused.
import { z } from 'zod'
import { networkOf } from '../../access/cidr.ts'
import { MODEL_PATTERN } from '../../access/model-pattern.ts'
import { ROLES, type Role } from '../../access/role.ts'
import { ENDPOINTS } from '../../access/scope.ts'
import { CONTENT_REDACTIONS, type KeptContentPolicy } from '../../canonical/content-policy.ts'
import { POLICIES } from '../../canonical/note.ts'
import { allowedBudgets, allowedLimits } from '../../config/allowance-schema.ts'
import type { AllowedBudget, AllowedLimits } from '../../canonical/allowance.ts'

type List = readonly string[] | null | undefined

/** Null opens what a list had closed. */
export interface ScopeInput {
  readonly models?: List
  readonly providers?: List
  readonly endpoints?: List
  readonly policies?: List
  readonly cidrs?: List
}

interface HoldingInput extends ScopeInput {
  readonly limits?: AllowedLimits | undefined
  readonly budget?: readonly AllowedBudget[] | undefined
  readonly tags?: Readonly<Record<string, string>> | undefined
}

interface KeySettings extends HoldingInput {
  readonly role?: Role | undefined
  readonly owner?: string | null | undefined
  readonly request_tags?: readonly string[] | undefined
  readonly critical?: boolean | undefined
  readonly expires_at?: string | null | undefined
  readonly content?: ContentInput | null | undefined
}

interface ContentInput {
  readonly retention_days: number
  readonly redact?: KeptContentPolicy['redact'] | undefined
  readonly words?: readonly string[] | undefined
}

export interface NewKey extends KeySettings {
  readonly name: string
  readonly kind?: 'client' | 'admin' | undefined
  readonly team?: string | undefined
  readonly parent?: string | undefined
}

export interface KeyChange extends KeySettings {
  readonly name?: string | undefined
}

export interface NewTeam extends HoldingInput {
  readonly id: string
  readonly name?: string | undefined
}

export interface TeamChange extends HoldingInput {
  readonly name?: string | undefined
  readonly state?: 'active' | 'revoked' | undefined
}

const word = z.string().min(1).max(200)
const name = z.string().trim().min(1).max(200).describe('For people.')
const teamId = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9_-]{0,63}$/,
    'must be 1 to 64 small letters, digits, dashes or underscores',
  )
const keyId = z.string().regex(/^[0-9A-Za-z]{12}$/, "must be a key's public id")

const listOf = <Item extends z.ZodType>(
  item: Item,
): z.ZodOptional<z.ZodNullable<z.ZodArray<Item>>> => z.array(item).max(200).nullable().optional()

const holding = {
  models: listOf(
    word.regex(MODEL_PATTERN, 'must be provider/model, with * only at its end, or *'),
  ).describe(
    'Models that it may use, as provider/model; * at the end stands for any rest. null: all.',
  ),
  providers: listOf(word).describe('Providers that it may use, by name. null: all.'),
  endpoints: listOf(z.enum(ENDPOINTS)).describe('What it is for. null: everything.'),
  policies: listOf(z.enum(POLICIES)).describe('Policies of translation. null: all.'),
  cidrs: listOf(
    word.refine(
      (text) => networkOf(text) !== undefined,
      'must be an address, or a network such as 10.0.0.0/8',
    ),
  ).describe('Networks that it may be used from. null: all.'),
  limits: allowedLimits.optional().describe('How much it may use.'),
  budget: allowedBudgets.optional().describe('How much money it may cost, in each period.'),
  tags: z
    .record(
      z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/),
      z.string().regex(/^[\x20-\x7e]{1,128}$/, 'must be up to 128 printable characters'),
    )
    .refine((tags) => Object.keys(tags).length <= 16, 'must be 16 at the most')
    .optional()
    .describe('What its usage is grouped by.'),
} as const

const settings = {
  ...holding,
  role: z.enum(ROLES).optional().describe('Of an admin key.'),
  owner: word.nullable().optional().describe('Whose it is, for people.'),
  request_tags: z
    .array(z.string().regex(/^(?:\*|[A-Za-z0-9][A-Za-z0-9_.-]{0,63})$/))
    .max(64)
    .optional()
    .describe('Names of tags that its requests may bring along; * for any. Default: any.'),
  critical: z
    .boolean()
    .optional()
    .describe('Whether its calls may go before others (x-patchbay-priority: critical).'),
  content: z
    .strictObject({
      retention_days: z.number().positive().max(3650).describe('How long they are kept.'),
      redact: z.array(z.enum(CONTENT_REDACTIONS)).optional().describe('Default: all of them.'),
      words: z.array(word).max(200).optional().describe('Masked too, in any case. No patterns.'),
    })
    .nullable()
    .optional()
    .describe('Keeps the texts of its calls. null: they are not kept, which is the default.'),
  expires_at: z.iso
    .datetime({ offset: true })
    .nullable()
    .optional()
    .describe('When its time is over. null: never.'),
} as const

export const newKey: z.ZodType<NewKey> = z.strictObject({
  name,
  kind: z.enum(['client', 'admin']).optional().describe('Default: client.'),
  team: teamId.optional(),
  parent: keyId.optional().describe('The key that it is made under, and never may do more than.'),
  ...settings,
})

export const keyChange: z.ZodType<KeyChange> = z.strictObject({
  name: name.optional(),
  ...settings,
})

export const newTeam: z.ZodType<NewTeam> = z.strictObject({
  id: teamId,
  name: name.optional(),
  ...holding,
})

export const teamChange: z.ZodType<TeamChange> = z.strictObject({
  name: name.optional(),
  state: z.enum(['active', 'revoked']).optional().describe('revoked: none of its keys is good.'),
  ...holding,
})

export interface Rotation {
  readonly overlap_seconds?: number | undefined
}

export const rotation: z.ZodType<Rotation> = z.strictObject({
  overlap_seconds: z
    .int()
    .min(0)
    .max(30 * 86_400)
    .optional()
    .describe('How long the old secret is good beside the new one. Default: 3600.'),
})
