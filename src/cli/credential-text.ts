// How a credential stands, in a few words, from what the server's API says of it.
import { type JsonObject, ObjectReader } from '../wire/json.ts'

export function credentialRows(
  provider: string,
  credentials: readonly JsonObject[],
): readonly (readonly string[])[] {
  return credentials.map((credential) => {
    const reader = new ObjectReader(credential, provider)
    return [`${provider}#${reader.string('name')}`, credentialText(reader)]
  })
}

function credentialText(credential: ObjectReader): string {
  const reason = credential.optionalString('reason')
  const since = credential.optionalString('since')
  const until = credential.optionalString('until')
  const generation = credential.optionalNumber('generation') ?? 1
  const parts = [
    credential.string('state'),
    reason,
    since === undefined ? undefined : `since ${since}`,
    until === undefined ? undefined : `until ${until}`,
    generation > 1 ? `key number ${generation}` : undefined,
  ]
  return parts.filter((part) => part !== undefined).join(', ')
}
