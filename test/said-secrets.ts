// Whatever a test starts: no secret that is in its environment stands in what it writes, in any form.
import { assertAbsent } from './attacks/canaries.ts'

/** A name of a variable that says that its value is one; those of files name where it is. */
const SECRET = /(?:KEY|TOKEN|SECRET|PASSWORD|PASSPHRASE)$/i

/** Shorter ones stand in ordinary words. */
const SHORTEST = 8

/** Throws an AssertionError that names the place and the secret's beginning. */
export function assertNothingSaid(
  place: string,
  texts: readonly string[],
  env: Readonly<Record<string, string>>,
): void {
  const secrets = Object.entries(env)
    .filter(([name, value]) => SECRET.test(name) && value.length >= SHORTEST)
    .map(([, value]) => value)
  if (secrets.length > 0) assertAbsent(`what "${place}" wrote`, texts.join('\n'), secrets)
}
