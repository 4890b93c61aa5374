// `berth decode`: a message from standard input as text, for `nats … --translate 'berth decode'`.

import { maxMessageBytes } from "../../protocol/mod.ts";
import type { CommandFactory } from "../command.ts";
import { decodedText } from "../decoded-text.ts";
import { exitCodes } from "../io.ts";

export const decodeCommand: CommandFactory = (cli) =>
  cli
    .command("decode", "turn a message from standard input into text (nats … --translate 'berth decode')")
    .action(
      cli.action<object>(async (session) => {
        const chunks: Uint8Array[] = [];
        let bytes = 0;
        for await (const chunk of session.io.stdin) {
          chunks.push(chunk);
          bytes += chunk.length;
          // The decoder refuses it with the limit in its message.
          if (bytes > maxMessageBytes) break;
        }
        const text = decodedText(Buffer.concat(chunks));
        if (text.ok) return await session.out(text.value);
        // No server has said this: it is about the input.
        await session.err(`error: ${text.error.message}\n`);
        return exitCodes.failed;
      }),
    );
