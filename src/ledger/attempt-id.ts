// Names an attempt. The time stands first: what is written together lies side by side in the indexes of a database, and a commit writes few pages.

/** `at`: milliseconds since 1970; `newId`: never the same twice, in any process. */
export function attemptIdAt(at: number, newId: () => string): string {
  return `${Math.max(0, Math.round(at)).toString(36).padStart(TIME_LENGTH, '0')}-${newId()}`
}

/** Until the year 5188. */
const TIME_LENGTH = 9
