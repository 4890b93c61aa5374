import { expect, test } from "vitest";

import {
  AskRefused,
  AskTimeout,
  type Actor,
  type ActorContext,
  type ActorSystem,
  type ReplyTo,
} from "../actor.ts";
import { createVirtualWorld } from "../memory/virtual-world.ts";
import { createMemoryLogger } from "../testkit/memory-logger.ts";
import { createProbe } from "../testkit/probe.ts";
import { createActorSystem } from "./actor-system.ts";
import { messagesPerTurn } from "./dispatcher.ts";

function setUp() {
  const world = createVirtualWorld({ seed: 1 });
  const system = createActorSystem("test", world);
  const failures: Error[] = [];
  void system.failed.then((error) => failures.push(error));
  return { world, system, failures };
}

/** Stopping takes virtual time where something is waited for. */
async function stopped(world: ReturnType<typeof createVirtualWorld>, ending: Promise<void>): Promise<void> {
  let done = false;
  void ending.then(() => {
    done = true;
  });
  await world.runUntil(() => done);
}

test("handles messages in order, one at a time, also across promises", async () => {
  const { world, system } = setUp();
  const seen: string[] = [];
  const ref = system.spawn<number>("slow", (context) => ({
    receive: async (number) => {
      seen.push(`begin ${number}`);
      await context.clock.sleep(10 - number);
      seen.push(`end ${number}`);
    },
  }));
  for (const number of [1, 2, 3]) expect(ref.send(number)).toBe(true);
  await world.advance(100);
  expect(seen).toEqual(["begin 1", "end 1", "begin 2", "end 2", "begin 3", "end 3"]);
});

test("takes no more than the mailbox's limit, and takes again when there is room", async () => {
  const { world, system } = setUp();
  const seen: number[] = [];
  const ref = system.spawn<number>("small", () => ({ receive: (number) => void seen.push(number) }), {
    mailboxLimit: 2,
  });
  expect([1, 2, 3].map((number) => ref.send(number))).toEqual([true, true, false]);
  await world.settle();
  expect(ref.send(4)).toBe(true);
  await world.settle();
  expect(seen).toEqual([1, 2, 4]);
});

test("says once that its mailbox is full, and again when it has taken something meanwhile", async () => {
  const logger = createMemoryLogger();
  const world = createVirtualWorld({ seed: 1, logger });
  const small = { mailboxLimit: 1 };
  const ref = createActorSystem("test", world).spawn<number>("small", () => ({ receive: () => {} }), small);
  const told = (): unknown =>
    logger.lines.filter(({ message }) => message.startsWith("the mailbox is full")).length;
  for (const number of [1, 2, 3]) ref.send(number);
  expect(told()).toBe(1);
  await world.settle();
  for (const number of [4, 5]) ref.send(number);
  expect(told()).toBe(2);
});

test("gives other actors and the event loop their turns", async () => {
  const { world, system } = setUp();
  const order: string[] = [];
  let left = 5_000;
  const busy = system.spawn<number>("busy", (context) => ({
    receive: (number) => {
      order.push("busy");
      if (--left > 0) context.self.send(number);
    },
  }));
  const other = system.spawn<number>("other", () => ({ receive: () => void order.push("other") }));
  world.clock.after(0, () => order.push("timer"));
  for (let index = 0; index < 100; index++) busy.send(index);
  other.send(1);
  await world.settle();
  expect(order.indexOf("other")).toBeLessThanOrEqual(messagesPerTurn);
  expect(order.indexOf("timer")).toBeLessThan(2_500);
  expect(order).toHaveLength(5_101);
});

test("restarts with a fresh state and the same mailbox after a back-off", async () => {
  const { world, system } = setUp();
  const seen: string[] = [];
  let incarnation = 0;
  const ref = system.spawn<string>("fragile", () => {
    const number = ++incarnation;
    return {
      receive: (message) => {
        if (message === "bad") throw new Error("on purpose");
        seen.push(`${number} ${message}`);
      },
      stopped: (reason) => void seen.push(`${number} ${reason.type}`),
    };
  });
  for (const message of ["a", "bad", "b"]) ref.send(message);
  await world.advance(99);
  expect(seen).toEqual(["1 a", "1 failed"]);
  await world.advance(1);
  expect(seen).toEqual(["1 a", "1 failed", "2 b"]);
});

test("escalates after five restarts within a minute, and forgets old ones", async () => {
  const { world, system, failures } = setUp();
  const spawn = (name: string) =>
    system.spawn<string>(name, () => ({
      receive: async () => {
        throw new Error(name);
      },
    }));
  const rare = spawn("rare");
  for (let round = 0; round < 10; round++) {
    rare.send("again");
    await world.advance(20_000);
  }
  expect(failures).toEqual([]);
  const often = spawn("often");
  for (let round = 0; round < 6; round++) {
    expect(often.send("again")).toBe(true);
    await world.advance(4_000);
  }
  expect(failures.map(({ message }) => message)).toEqual(["often"]);
  expect(often.send("again")).toBe(false);
});

test("obeys its supervisor: resume keeps the state, stop ends it", async () => {
  const { world, system, failures } = setUp();
  const counter = (supervisor: "resume" | "stop") =>
    system.spawn<string>(
      supervisor,
      () => {
        let count = 0;
        return {
          receive: (message) => {
            if (message === "bad") throw new Error("on purpose");
            seen.push(++count);
          },
        };
      },
      { supervisor: () => ({ type: supervisor }) },
    );
  const seen: number[] = [];
  const resumed = counter("resume");
  for (const message of ["x", "bad", "x"]) resumed.send(message);
  await world.settle();
  expect(seen).toEqual([1, 2]);
  const ended = counter("stop");
  for (const message of ["bad", "x"]) ended.send(message);
  await world.settle();
  expect(ended.send("x")).toBe(false);
  expect(seen).toEqual([1, 2]);
  expect(failures).toEqual([]);
});

test("an escalated failure fails the parent, which restarts with its children", async () => {
  const { world, system } = setUp();
  const seen: string[] = [];
  let family = 0;
  const parent = system.spawn<string>("parent", (context) => {
    const number = ++family;
    const child = context.spawn<string>(
      "child",
      () => ({
        receive: () => {
          throw new Error("from the child");
        },
        stopped: () => void seen.push(`child ${number} stopped`),
      }),
      { supervisor: () => ({ type: "escalate" }) },
    );
    return {
      receive: (message) => void child.send(message),
      stopped: (reason) =>
        void seen.push(`parent ${number} ${reason.type === "failed" ? reason.error.message : "?"}`),
    };
  });
  parent.send("go");
  await world.advance(100);
  expect(seen).toEqual(["child 1 stopped", "parent 1 from the child"]);
  expect(family).toBe(2);
});

test("supervises a factory that fails, at once or by promise", async () => {
  const { world, system } = setUp();
  const seen: string[] = [];
  let tries = 0;
  const ref = system.spawn<string>("late", async (context): Promise<Actor<string>> => {
    await context.clock.sleep(10);
    if (++tries < 3) throw new Error("not yet");
    return { receive: (message) => void seen.push(message) };
  });
  ref.send("kept");
  await world.advance(1_000);
  expect(tries).toBe(3);
  expect(seen).toEqual(["kept"]);
});

test("stops children first, after the present message, and drops what waits", async () => {
  const { world, system } = setUp();
  const seen: string[] = [];
  const actor = (name: string): Actor<string> => ({
    receive: async (message) => {
      await world.clock.sleep(50);
      seen.push(`${name} ${message}`);
    },
    stopped: async () => {
      await world.clock.sleep(5);
      seen.push(`${name} stopped`);
    },
  });
  const parent = system.spawn<string>("parent", (context) => {
    const child = context.spawn<string>("child", () => actor("child"));
    child.send("message");
    return actor("parent");
  });
  parent.send("first");
  parent.send("second");
  await world.settle();
  await stopped(world, system.stop());
  expect(seen).toEqual(["child message", "parent first", "child stopped", "parent stopped"]);
  expect(() => system.spawn("more", () => actor("more"))).toThrow(/being stopped/);
});

test("an actor stops itself after the present message, and its name is free again", async () => {
  const { world, system } = setUp();
  const seen: string[] = [];
  const spawn = () =>
    system.spawn<string>("one-shot", (context) => ({
      receive: (message) => {
        void context.stop();
        seen.push(message);
      },
    }));
  const ref = spawn();
  expect(() => spawn()).toThrow(/exists already/);
  ref.send("first");
  ref.send("second");
  await world.settle();
  expect(seen).toEqual(["first"]);
  spawn().send("third");
  await world.settle();
  expect(seen).toEqual(["first", "third"]);
});

test("does not wait for ever for a message that never ends", async () => {
  const logger = createMemoryLogger();
  const world = createVirtualWorld({ seed: 1, logger });
  const system = createActorSystem("test", world);
  const ref = system.spawn<string>("stuck", () => ({ receive: () => new Promise(() => undefined) }));
  ref.send("hang");
  await world.settle();
  await stopped(world, system.stop());
  expect(logger.lines.at(-1)?.message).toMatch(/without waiting longer for the present message/);
});

test("tells those who watch, also of an actor that is gone already", async () => {
  const { world, system } = setUp();
  const probe = createProbe<string>(system);
  const mortal = system.spawn<string>(
    "mortal",
    () => ({
      receive: () => {
        throw new Error("fatal");
      },
    }),
    { supervisor: () => ({ type: "stop" }) },
  );
  const watcher = (name: string): void => {
    system.spawn<string>(name, (context) => {
      context.watch(
        mortal,
        (reason) => `${name}: ${reason.type === "failed" ? reason.error.message : "ended"}`,
      );
      return { receive: (message) => void probe.ref.send(message) };
    });
  };
  watcher("early");
  mortal.send("die");
  await world.settle();
  watcher("late");
  await world.settle();
  expect(probe.waiting).toEqual(["early: fatal", "late: fatal"]);
});

test("timers come through the mailbox, are replaced by key, and end with the incarnation", async () => {
  const { world, system } = setUp();
  const seen: string[] = [];
  let context: ActorContext<string> | undefined;
  const ref = system.spawn<string>("timed", (made) => {
    context ??= made;
    return {
      receive: (message) => {
        if (message === "bad") throw new Error("on purpose");
        seen.push(`${message}@${world.clock.monotonic()}`);
      },
    };
  });
  context?.timers.once("a", 10, "replaced");
  context?.timers.once("a", 20, "once");
  context?.timers.every("b", 15, "tick");
  expect(context?.timers.has("a")).toBe(true);
  await world.advance(35);
  expect(seen).toEqual(["tick@15", "once@20", "tick@30"]);
  expect(context?.timers.has("a")).toBe(false);
  context?.timers.cancel("b");
  context?.timers.once("c", 50, "of the old incarnation");
  ref.send("bad");
  await world.advance(500);
  expect(seen).toHaveLength(3);
});

test("a slow actor finds one tick of a periodic timer, not all that passed; a cancelled one never", async () => {
  const { world, system } = setUp();
  const seen: string[] = [];
  system.spawn<string>("slow", (context) => {
    context.timers.every("tick", 10, "tick");
    context.timers.once("gone", 15, "gone");
    return {
      receive: async (message) => {
        seen.push(message);
        if (seen.length === 1) {
          await context.clock.sleep(95);
          context.timers.cancel("gone");
        }
      },
    };
  });
  await world.advance(109);
  expect(seen).toEqual(["tick", "tick"]);
});

test("ask answers, fails, times out, and is refused", async () => {
  const { world, system } = setUp();
  type Question = { readonly kind: "answer" | "fail" | "ignore"; readonly replyTo: ReplyTo<string> };
  const ref = system.spawn<Question>("oracle", () => ({
    receive: ({ kind, replyTo }) => {
      if (kind === "answer") replyTo.reply("42");
      if (kind === "fail") replyTo.fail(new Error("no idea"));
    },
  }));
  const ask = (kind: Question["kind"], from: ActorSystem = system): Promise<unknown> =>
    from.ask<Question, string>(ref, (replyTo) => ({ kind, replyTo }), 100).catch((error: unknown) => error);
  const answers = Promise.all([ask("answer"), ask("fail"), ask("ignore")]);
  await world.advance(100);
  const [answer, failure, silence] = await answers;
  expect(answer).toBe("42");
  expect(failure).toMatchObject({ message: "no idea" });
  expect(silence).toBeInstanceOf(AskTimeout);
  await stopped(world, system.stop());
  expect(await ask("answer")).toBeInstanceOf(AskRefused);
});

test("pipe brings a promise's outcome, but not to a later incarnation", async () => {
  const { world, system } = setUp();
  const seen: string[] = [];
  const ref = system.spawn<string>("piping", (context) => ({
    receive: (message) => {
      if (message === "bad") throw new Error("on purpose");
      if (message !== "start") return void seen.push(message);
      const pipe = (promise: Promise<string>): void =>
        context.pipe(
          promise,
          (value) => value,
          (error) => error.message,
        );
      pipe(Promise.resolve("value"));
      pipe(Promise.reject(new Error("error")));
      pipe(context.clock.sleep(50).then(() => "too late"));
    },
  }));
  ref.send("start");
  await world.settle();
  ref.send("bad");
  await world.advance(500);
  expect(seen).toEqual(["value", "error"]);
});

test("refuses names that could not stand in a path", () => {
  const { system } = setUp();
  for (const name of ["", "a/b", "a b"]) {
    expect(() => system.spawn(name, () => ({ receive: () => undefined }))).toThrow(/actor name/);
  }
});
