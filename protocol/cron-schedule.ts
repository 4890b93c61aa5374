// Cron schedules: when the next run is due, and which one was last, from a given time alone. The one place that
// knows croner, which is used as a calculator: no timers of its own, no clock.

import { Cron } from "croner";
import { failure, quoteValue, type Result, success } from "./errors.ts";

/** Schedules are read again and again as state changes; this many parsed ones are kept. */
const maxKept = 1000;
const maxScheduleLength = 256;

export interface CronSchedule {
  /** ms since 1970 of the first run after `time`; undefined where there is none in the years to come. */
  after(time: number): number | undefined;
  /** The last run at `time` or before it, if it is later than `since`. */
  latest(since: number, time: number): number | undefined;
}

const kept = new Map<string, Result<CronSchedule>>();

/**
 * Five fields, or a macro such as `@hourly`, as in crontab(5); `timeZone` is an IANA name, UTC where it is absent.
 * Day of month and day of week select a day if either does, as Kubernetes has it.
 */
export function parseSchedule(schedule: string, timeZone = "UTC"): Result<CronSchedule> {
  const key = `${timeZone} ${schedule}`;
  const known = kept.get(key);
  if (known) return known;
  const parsed = parse(schedule, timeZone);
  if (kept.size >= maxKept) kept.clear();
  kept.set(key, parsed);
  return parsed;
}

function parse(schedule: string, timeZone: string): Result<CronSchedule> {
  if (/^(?:CRON_)?TZ=/.test(schedule)) {
    return failure("Invalid", "names a time zone: use timeZone for that");
  }
  if (schedule.length > maxScheduleLength) {
    return failure("Invalid", `must not be longer than ${maxScheduleLength} characters`);
  }
  let cron: Cron;
  try {
    // `?` means any value in Kubernetes' schedules; in others it means the time of the start.
    cron = new Cron(schedule.trim().replaceAll("?", "*"), {
      timezone: timeZone,
      mode: "5-part",
      sloppyRanges: true,
      paused: true,
    });
    // Only a calculation shows that the time zone is known.
    cron.nextRun(new Date(0));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return failure("Invalid", `is no cron schedule: ${quoteValue(schedule)} (${message})`);
  }
  return success(scheduleOf(cron));
}

function scheduleOf(cron: Cron): CronSchedule {
  // A schedule without a next run (the 31st of February) takes long to find out, and stays without one.
  let noneAfter = Number.POSITIVE_INFINITY;
  return {
    after(time) {
      if (time >= noneAfter) return undefined;
      const next = cron.nextRun(new Date(time))?.getTime();
      if (next === undefined) noneAfter = time;
      return next;
    },
    latest(since, time) {
      if (time >= noneAfter) return undefined;
      const wholeSecond = Math.floor(time / 1000) * 1000;
      // What comes before is exclusive: one second later includes the run that is due at this very time.
      const [last] = cron.previousRuns(1, new Date(wholeSecond + 1000));
      const at = last?.getTime();
      return at !== undefined && at > since && at <= time ? at : undefined;
    },
  };
}

/** IANA names only: `Local` would mean another time on every host. */
export const isTimeZone = (timeZone: string): boolean =>
  timeZone !== "" && timeZone !== "Local" && parseSchedule("* * * * *", timeZone).ok;
