import { type ApiProblem, inWords } from '@/api/errors'

/** What is wrong with a field, in words to stand beside it: without the name by which programs call it. */
export function fieldInWords(error: ApiProblem): string {
  const { problem, field } = error
  if (problem === null || field === null) return inWords(error)
  const named = problem.detail.startsWith(`${field}: `) ? problem.detail.slice(field.length + 2) : problem.detail
  const words = named.replace(`\`${field}\` takes`, 'it takes').trim()
  const begun = words.charAt(0).toUpperCase() + words.slice(1)
  return /[.!?]$/.test(begun) ? begun : `${begun}.`
}
