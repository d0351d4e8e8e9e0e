/** A page of the documentation that is made from the code. */
export interface Page {
  /** Relative to the repository. */
  readonly file: string
  readonly text: () => Promise<string>
}
