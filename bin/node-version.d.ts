export function refusalFor(version: string): string | undefined
