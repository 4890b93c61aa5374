// The pause image, built in: a program of a few instructions that sleeps for ever and so keeps a pod's network
// namespace open. Made in code, so that no registry and no compiler is needed where Berth runs.

import { createHash } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { pack } from "tar-stream";
import { RuntimeError } from "../runtime.ts";

/** Go's name of an architecture, as the engine tells it. */
interface Machine {
  /** e_machine of the ELF header. */
  readonly elf: number;
  /** Instruction by instruction. */
  readonly code: readonly (readonly number[])[];
}

/**
 * Both loop over a system call that waits for a signal. As process 1 the program has no default signal actions,
 * so SIGTERM does nothing to it; the driver ends it with SIGKILL. It has no children to reap: every container of
 * the pod has a process namespace of its own.
 */
const machines: Readonly<Record<string, Machine>> = {
  amd64: {
    elf: 62,
    code: [
      [0xb8, 0x22, 0x00, 0x00, 0x00], // mov eax, 34    the number of pause(2)
      [0x0f, 0x05], //                   syscall
      [0xeb, 0xf7], //                   jmp -9         back to the start
    ],
  },
  // Has no pause(2): ppoll(NULL, 0, NULL, NULL, 0) waits the same way.
  arm64: {
    elf: 183,
    code: [
      [0x00, 0x00, 0x80, 0xd2], // mov x0, #0
      [0x01, 0x00, 0x80, 0xd2], // mov x1, #0
      [0x02, 0x00, 0x80, 0xd2], // mov x2, #0
      [0x03, 0x00, 0x80, 0xd2], // mov x3, #0
      [0x04, 0x00, 0x80, 0xd2], // mov x4, #0
      [0x28, 0x09, 0x80, 0xd2], // mov x8, #73    the number of ppoll(2)
      [0x01, 0x00, 0x00, 0xd4], // svc #0
      [0xf9, 0xff, 0xff, 0x17], // b -7           back to the start
    ],
  },
};

const headerBytes = 64;
const segmentBytes = 56;
const loadAddress = 0x400000n;

/** A static ELF executable of one segment: header, segment header, code (System V ABI, ELF-64). */
export function buildPauseProgram(architecture: string): Buffer {
  const machine = machines[architecture];
  if (!machine) {
    const known = Object.keys(machines).join(", ");
    throw new RuntimeError(
      "Unsupported",
      `no pause program for architecture "${architecture}"; there is one for ${known}`,
    );
  }
  const start = headerBytes + segmentBytes;
  const code = machine.code.flat();
  const size = start + code.length;
  const file = Buffer.alloc(size);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1], 0); // magic, 64 bits, little endian, version 1
  file.writeUInt16LE(2, 16); // e_type: executable
  file.writeUInt16LE(machine.elf, 18);
  file.writeUInt32LE(1, 20); // e_version
  file.writeBigUInt64LE(loadAddress + BigInt(start), 24); // e_entry
  file.writeBigUInt64LE(BigInt(headerBytes), 32); // e_phoff
  file.writeUInt16LE(headerBytes, 52); // e_ehsize
  file.writeUInt16LE(segmentBytes, 54); // e_phentsize
  file.writeUInt16LE(1, 56); // e_phnum
  file.writeUInt32LE(1, 64); // p_type: load
  file.writeUInt32LE(5, 68); // p_flags: read, execute
  file.writeBigUInt64LE(loadAddress, 80); // p_vaddr
  file.writeBigUInt64LE(loadAddress, 88); // p_paddr
  file.writeBigUInt64LE(BigInt(size), 96); // p_filesz
  file.writeBigUInt64LE(BigInt(size), 104); // p_memsz
  file.writeBigUInt64LE(0x10000n, 112); // p_align: the largest page size
  file.set(code, start);
  return file;
}

export interface PauseImage {
  readonly repository: string;
  /** Named after the content: another content is another image. */
  readonly tag: string;
  readonly reference: string;
  /** The image's file system, to be imported. */
  readonly archive: Buffer;
  /** Configuration in Dockerfile words. */
  readonly changes: readonly string[];
}

export async function buildPauseImage(architecture: string): Promise<PauseImage> {
  const program = buildPauseProgram(architecture);
  const archive = pack();
  archive.entry({ name: "pause", mode: 0o755, mtime: new Date(0) }, program);
  archive.finalize();
  const repository = "berth/pause";
  const tag = `${architecture}-${createHash("sha256").update(program).digest("hex").slice(0, 12)}`;
  return {
    repository,
    tag,
    reference: `${repository}:${tag}`,
    archive: await buffer(archive),
    changes: ['ENTRYPOINT ["/pause"]', "LABEL io.berth.kind=pause-image"],
  };
}
