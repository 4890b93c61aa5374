// Limits that every driver keeps.

/** Output of a probe's or hook's command that is kept (the kubelet keeps as much). */
export const execOutputLimitBytes = 10 * 1024;
