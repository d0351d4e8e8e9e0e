/** What is used of the package, which brings no types. */
declare module '@20minutes/s3rver' {
  class S3rver {
    constructor(options: object)
    run(): Promise<import('node:net').AddressInfo>
    close(): Promise<void>
  }

  // biome-ignore lint/style/noDefaultExport: the package has no other.
  export { S3rver as default }
}
