// The long-running commands.
export { agentCommand } from "./agent.ts";
export { devCommand } from "./dev/dev.ts";
export { masterCommand } from "./master.ts";
