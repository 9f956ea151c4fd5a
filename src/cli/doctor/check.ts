// One finding of the doctor.

export interface Finding {
  readonly check: string
  readonly state: 'ok' | 'warn' | 'fail'
  /** What was found; never a key. */
  readonly detail: string
  /** What to do about it. */
  readonly fix?: string
}

export function ok(check: string, detail: string): Finding {
  return { check, state: 'ok', detail }
}

export function warn(check: string, detail: string, fix: string): Finding {
  return { check, state: 'warn', detail, fix }
}

export function fail(check: string, detail: string, fix: string): Finding {
  return { check, state: 'fail', detail, fix }
}
