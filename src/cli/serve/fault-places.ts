// Where code failed: the kind of error and the places, never its text, which could quote anything.
const FRAMES = 6

export function faultPlaces({ name, stack = '' }: Error): readonly string[] {
  const places = stack.split('\n').map((line) => line.trim())
  return [name, ...places.filter((place) => place.startsWith('at ')).slice(0, FRAMES)]
}
