// What depends on a target alone is made once for it, not with every request.
import type { Profile } from './profile.ts'

/** The same for the same profile. */
export function perProfile<T>(make: (profile: Profile) => T): (profile: Profile) => T {
  const made = new WeakMap<Profile, { readonly value: T }>()
  return (profile) => {
    const known = made.get(profile)
    if (known !== undefined) return known.value
    const value = make(profile)
    made.set(profile, { value })
    return value
  }
}
