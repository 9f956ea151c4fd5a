// On whose account a call is made: what the caller's key says, with the tags that the request brings along.
import { compact } from '../../canonical/compact.ts'
import { GatewayError } from '../../canonical/errors.ts'
import type { Account } from '../../exchange/account.ts'
import type { WireHeaders } from '../../wire/message.ts'
import type { Caller } from '../auth.ts'

const HEADER = 'x-patchbay-tags'
const MOST_TAGS = 16
const TAG = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/
const VALUE = /^[\x21-\x2b\x2d-\x7e](?:[\x20-\x2b\x2d-\x7e]{0,126}[\x21-\x2b\x2d-\x7e])?$/

/** Undefined where nothing is known of the caller. Throws invalid_request or permission for tags that cannot be. */
export function accountOf(caller: Caller, headers: WireHeaders): Account | undefined {
  const asked = tagsIn(headers[HEADER])
  if (caller.kind !== 'client') {
    if (asked === undefined) return undefined
    throw refused('Tags need a client key: they are kept with what the key has used.')
  }
  const { account, requestTags } = caller.grant
  if (asked === undefined) return account
  const own = account.tags ?? {}
  for (const name of Object.keys(asked)) {
    if (Object.hasOwn(own, name)) throw refused(`Your key has a tag "${name}" of its own.`)
    if (!requestTags.includes('*') && !requestTags.includes(name)) {
      throw refused(`Your key may not bring along a tag "${name}".`)
    }
  }
  return compact({ ...account, tags: { ...asked, ...own } })
}

/** `a=b,c=d` */
function tagsIn(header: string | undefined): Readonly<Record<string, string>> | undefined {
  if (header === undefined) return undefined
  const entries = header.split(',').map((pair): readonly [string, string] => {
    const at = pair.indexOf('=')
    return at === -1 ? ['', pair] : [pair.slice(0, at).trim(), pair.slice(at + 1).trim()]
  })
  const names = new Set(entries.map(([name]) => name))
  const isWell =
    entries.length <= MOST_TAGS &&
    names.size === entries.length &&
    entries.every(([name, value]) => TAG.test(name) && VALUE.test(value))
  if (isWell) return Object.fromEntries(entries)
  throw new GatewayError(
    'invalid_request',
    `The header ${HEADER} must be up to ${MOST_TAGS} pairs such as "project=atlas,stage=test": each name once, of letters, digits, dots, dashes and underscores; each value of up to 128 printable characters without commas.`,
    { origin: 'client', code: 'invalid_tags', param: HEADER },
  )
}

function refused(why: string): GatewayError {
  return new GatewayError('permission', `${why} Leave it out of ${HEADER}.`, {
    origin: 'client',
    code: 'tag_not_allowed',
    param: HEADER,
  })
}
