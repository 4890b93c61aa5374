// Colours, on a terminal only and never against NO_COLOR (https://no-color.org).

import pc from "picocolors";
import type { Io, Sink } from "./io.ts";

export type Style = ReturnType<typeof pc.createColors>;

export const styleFor = (io: Pick<Io, "env">, sink: Sink): Style =>
  pc.createColors(sink.isTTY && !io.env["NO_COLOR"] && io.env["TERM"] !== "dumb");
