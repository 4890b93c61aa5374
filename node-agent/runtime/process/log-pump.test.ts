import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { LogOptions } from "../runtime.ts";
import { LogPump, rawFile } from "./log-pump.ts";
import { type LogLimits, recordFile, recordFileNumbers } from "./log-record.ts";
import { readLog } from "./log-reader.ts";

const small: LogLimits = { fileBytes: 2000, files: 3 };

describe("the log of a host process", () => {
  let directory: string;
  let raw: string;
  let records: string;
  let pumps: LogPump[];

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "berth-log-"));
    raw = join(directory, "raw");
    records = join(directory, "records");
    for (const each of [raw, records]) mkdirSync(each);
    pumps = [];
  });
  afterEach(() => {
    for (const pump of pumps) pump.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const open = (limits = small): LogPump => {
    const pump = new LogPump(raw, records, limits);
    pumps.push(pump);
    return pump;
  };
  const say = (text: string, stream: "stdout" | "stderr" = "stdout"): void =>
    appendFileSync(rawFile(raw, stream), text);
  const read = async (options: Partial<LogOptions> = {}, pump?: LogPump): Promise<readonly string[]> => {
    const lines: string[] = [];
    const log = {
      directory: records,
      ended: () => pump?.finished ?? true,
      onGrowth: (listener: () => void) => pump?.onGrowth(listener) ?? (() => undefined),
    };
    for await (const line of readLog(log, { follow: false, ...options }))
      lines.push(Buffer.from(line.text).toString());
    return lines;
  };

  it("waits for a line's end, and takes the rest when the process has ended", async () => {
    const pump = open();
    say("whole\nhalf");
    pump.pump();
    expect(await read()).toEqual(["whole"]);
    say(" and half\nno newline");
    pump.pump();
    expect(await read()).toEqual(["whole", "half and half"]);
    pump.finish();
    expect(await read()).toEqual(["whole", "half and half", "no newline"]);
  });

  it("goes on where a killed agent stopped, even in the middle of a record", async () => {
    const first = open();
    say("one\ntwo\n");
    say("err\n", "stderr");
    first.pump();
    const [number = 0] = recordFileNumbers(records);
    appendFileSync(recordFile(records, number), "1234 o 99 ");
    say("three\n");
    open().pump();
    expect(await read()).toEqual(["one", "two", "err", "three"]);
  });

  it("keeps a limited number of files of limited size, the newest lines in them", async () => {
    const pump = open();
    const texts = Array.from({ length: 500 }, (_, index) => `line ${String(index).padStart(4, "0")}`);
    for (const text of texts) {
      say(`${text}\n`);
      pump.pump();
    }
    const numbers = recordFileNumbers(records);
    expect(numbers).toHaveLength(3);
    for (const number of numbers)
      expect(statSync(recordFile(records, number)).size).toBeLessThanOrEqual(2000);
    const kept = await read();
    expect(kept).toEqual(texts.slice(-kept.length));
    expect(kept.length).toBeGreaterThan(50);
    expect(statSync(rawFile(raw, "stdout")).size).toBeLessThan(2 * small.fileBytes);
  });

  it("loses nothing when the raw file is emptied between two agents", async () => {
    const pump = open();
    const long = `${"x".repeat(99)}\n`.repeat(21);
    say(long);
    pump.pump();
    expect(statSync(rawFile(raw, "stdout")).size).toBe(0);
    pump.close();
    say("after\n");
    open({ fileBytes: 100_000, files: 2 }).pump();
    expect((await read()).at(-1)).toBe("after");
  });

  it("follows what a program writes after emptying the file by opening it anew", async () => {
    const pump = open();
    const at = (seconds: number): void => utimesSync(rawFile(raw, "stderr"), seconds, seconds);
    say("tick 1\n", "stderr");
    at(1000);
    pump.pump();
    truncateSync(rawFile(raw, "stderr"));
    say("tock 2\n", "stderr");
    at(1001);
    expect(pump.pump()).toBe(true);
    pump.pump();
    pump.pump();
    truncateSync(rawFile(raw, "stderr"));
    say("t3\n", "stderr");
    pump.pump();
    expect(await read()).toEqual(["tick 1", "tock 2", "t3"]);
  });

  it("does not read again what is there when only the file's time moved once", async () => {
    const pump = open();
    say("once\n");
    utimesSync(rawFile(raw, "stdout"), 1000, 1000);
    pump.pump();
    utimesSync(rawFile(raw, "stdout"), 1001, 1001);
    pump.pump();
    say("twice\n");
    pump.pump();
    pump.pump();
    expect(await read()).toEqual(["once", "twice"]);
  });

  it("takes any bytes", async () => {
    const pump = open();
    writeFileSync(rawFile(raw, "stdout"), Buffer.from([0xff, 0x00, 0x20, 0x0d, 0x0a, 0x0a]));
    pump.pump();
    const lines: Buffer[] = [];
    const log = { directory: records, ended: () => true, onGrowth: () => () => undefined };
    for await (const line of readLog(log, { follow: false })) lines.push(Buffer.from(line.text));
    expect(lines).toEqual([Buffer.from([0xff, 0x00, 0x20, 0x0d]), Buffer.alloc(0)]);
  });

  it("answers the last lines across files and follows across rotation", async () => {
    const pump = open();
    for (let index = 0; index < 100; index += 1) {
      say(`line ${index}\n`);
      pump.pump();
    }
    expect(await read({ tailLines: 3 })).toEqual(["line 97", "line 98", "line 99"]);
    const log = {
      directory: records,
      ended: () => pump.finished,
      onGrowth: (listener: () => void) => pump.onGrowth(listener),
    };
    const following = readLog(log, { follow: true, tailLines: 1 });
    const followed: string[] = [];
    for (let index = 99; index < 200; index += 1) {
      const next = await following.next();
      if (!next.done) followed.push(Buffer.from(next.value.text).toString());
      say(`line ${index + 1}\n`);
      pump.pump();
    }
    pump.finish();
    expect(followed).toEqual(Array.from({ length: 101 }, (_, index) => `line ${index + 99}`));
    expect(await Array.fromAsync(following)).toHaveLength(1);
  });
});
