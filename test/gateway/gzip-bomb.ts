import { constants, deflateRawSync } from 'node:zlib'

const MEBIBYTE = 1024 * 1024
const GZIP_HEADER = Buffer.from('1f8b0800000000000003', 'hex')

/** A gzip member of so many MiB of spaces, about a thousandth of that long. Its checksum is wrong: who gets there has lost. */
export function gzipBomb(mebibytes: number): Buffer {
  return Buffer.concat([GZIP_HEADER, deflateBomb(mebibytes), Buffer.alloc(8)])
}

/** The same without a frame. */
export function deflateBomb(mebibytes: number): Buffer {
  const one = deflateRawSync(Buffer.alloc(MEBIBYTE, ' '), { finishFlush: constants.Z_FULL_FLUSH })
  return Buffer.concat([...Array.from({ length: mebibytes }, () => one), deflateRawSync(Buffer.alloc(0))])
}
