// Debian's packages without the system's apt settings.
export { type DebianArchive, decompressed, withDebianArchive } from "./archive.ts";
