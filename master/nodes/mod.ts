// Who is alive, and what agents are told and say.
export { createNodeDesk, type NodeDesk } from "./node-desk.ts";
export { listenToNodes } from "./node-inbox.ts";
export { pingAgent } from "./ping.ts";
