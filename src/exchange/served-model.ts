// Whether an answer says to come from another model than was asked. Vendors answer a name with one that has a date, a folder or a tag more.

export function isOtherModel(asked: string, served: string | undefined): boolean {
  if (served === undefined || served === '') return false
  const [one, other] = [bare(asked), bare(served)]
  return !one.startsWith(other) && !other.startsWith(one)
}

/** Without folders and tag. */
function bare(model: string): string {
  const name = model.toLowerCase().split('/').at(-1) ?? ''
  return name.split(':')[0] ?? ''
}
