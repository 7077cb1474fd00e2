/** How a slow step tells the operator what it is doing: one plain sentence, no secrets. Called at least every few seconds by anything that takes longer. */
export type OnProgress = (message: string) => void;

export const silent: OnProgress = () => undefined;
